//! `cargo bench`: the language of the ledger, against xrpl.js and xrpl-py in the same run. All of it is in crate `bench`.

fn main() -> std::process::ExitCode {
    bench::main()
}
