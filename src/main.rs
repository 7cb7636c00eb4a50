//! The program `tawasul`.

use std::process::ExitCode;

fn main() -> ExitCode {
    tawasul::app::run()
}
