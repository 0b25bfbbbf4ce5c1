//! The vidimus command line.

fn main() -> std::process::ExitCode {
    vidimus_cli::main()
}
