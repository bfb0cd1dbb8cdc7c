// terms: how workgroup memory holds four terms of a product; sums are f32 all the same

alias Terms4 = vec4h;

