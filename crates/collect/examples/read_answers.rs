//! Reads answers from files as they came over the wire, and writes them as `netproof collect` does.
//!
//! Each line of standard input is `OUT SERVICE OPERATION BODY…`, separated by tabs: the file to write, and the files with the
//! bodies of the answer's pages. For `tests/collect/like-aws-cli`.
#![expect(clippy::print_stdout, reason = "tells what it did")]

use std::{
    error::Error,
    fs,
    io::{self, BufRead, BufWriter},
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut answers = 0;
    for line in io::stdin().lock().lines() {
        let line = line?;
        write(&line).map_err(|error| format!("{line}: {error}"))?;
        answers += 1;
    }
    println!("{answers} answers");
    Ok(())
}

fn write(line: &str) -> Result<(), Box<dyn Error>> {
    let mut words = line.split('\t');
    let (Some(out), Some(service), Some(operation)) = (words.next(), words.next(), words.next()) else {
        return Err("too few words".into());
    };
    let mut pages = words.map(|body| {
        let body = fs::read(body)?;
        Ok::<_, Box<dyn Error>>(collect::read(service, operation, &body)?)
    });
    let mut answer = pages.next().ok_or("no page")??;
    for page in pages {
        if answer.next_token().is_none() {
            return Err("a page after the last".into());
        }
        answer.append(page?)?;
    }
    if answer.next_token().is_some() {
        return Err("a page is missing".into());
    }
    if !answer.left_out().unknown.is_empty() {
        return Err(format!("unknown: {:?}", answer.left_out().unknown).into());
    }
    answer.write(BufWriter::new(fs::File::create(out)?))?;
    Ok(())
}
