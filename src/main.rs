//! The `pushscope` command.
#![deny(unsafe_code)]

fn main() -> std::process::ExitCode {
    pushscope::cli::run(std::env::args_os())
}
