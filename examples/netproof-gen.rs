//! Writes a generated network as an AWS CLI export:
//! `cargo run --release --example netproof-gen -- --size small|medium|large --seed N --out DIR`.
//!
//! The same size and seed give the same bytes on every machine.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use testkit::generator::{Parameters, generate_into};

/// Writes a generated network as AWS CLI JSON, one file per command.
#[derive(Debug, Parser)]
#[command(name = "netproof-gen")]
struct Arguments {
    /// How large: 500, 20,000 or 200,000 network interfaces.
    #[arg(long, value_enum, default_value_t = Size::Small)]
    size: Size,
    /// Network interfaces instead of a size, in VPCs of 100.
    #[arg(long, value_name = "N", conflicts_with = "size")]
    interfaces: Option<u32>,
    /// Another seed, another network.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// AWS accounts to spread the VPCs over.
    #[arg(long, value_name = "N", default_value_t = 1)]
    accounts: u32,
    /// Regions per account to spread the VPCs over.
    #[arg(long, value_name = "N", default_value_t = 1)]
    regions: u32,
    /// The folder to write to; made if it is not there.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Size {
    Small,
    Medium,
    Large,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match write(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{}: {error}", arguments.out.display());
            ExitCode::from(2)
        }
    }
}

fn write(arguments: &Arguments) -> io::Result<()> {
    let size = match (arguments.interfaces, arguments.size) {
        (Some(interfaces), _) => Parameters::interfaces(interfaces),
        (None, Size::Small) => Parameters::small(),
        (None, Size::Medium) => Parameters::medium(),
        (None, Size::Large) => Parameters::large(),
    };
    let parameters = Parameters { accounts: arguments.accounts, regions: arguments.regions, ..size };
    generate_into(&parameters, arguments.seed, |name| {
        let path = arguments.out.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        File::create(path)
    })?;
    let interfaces = parameters.interface_count();
    writeln!(io::stdout(), "{interfaces} network interfaces in {}", arguments.out.display())
}
