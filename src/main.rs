//! The program `tawasul`.

fn main() {}
