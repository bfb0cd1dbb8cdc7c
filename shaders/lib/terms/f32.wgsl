// terms: how workgroup memory holds four terms of a product

alias Terms4 = vec4f;

