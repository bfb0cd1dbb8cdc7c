// elements: which element is a thread's, in kernels that give every element of the output a thread. Groups of 256 threads
// stand in rows of rows once they are too many for one dimension (src/kernels/elements.ts); ids past the end are left out
// by the kernel.

fn elementOf(id: vec3u, groups: vec3u) -> u32 { return id.y * groups.x * 256u + id.x; }

