//! Mail at the command line: reading it, and the pipe through which a mail server hands it over.

use crate::config::Config;
use crate::run;
use anyhow::{Context, Result};
use oxdesk::mail::parse::{MESSAGE_MAX, ParsedMail, parse};
use oxdesk::mail::{Intake, intake, mailboxes};
use oxdesk::{Actor, Error};
use serde::Serialize;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// What a mail server takes as "try again" (sysexits.h).
const EX_TEMPFAIL: i32 = 75;
/// What it takes as "never" (sysexits.h): there is no such mailbox.
const EX_NOUSER: i32 = 67;

#[derive(Serialize)]
struct Line<'a> {
    file: String,
    #[serde(flatten)]
    mail: &'a ParsedMail,
}

/// Prints one JSON line for each file. What cannot be read says so in its line.
pub fn parse_files(files: &[PathBuf]) -> Result<()> {
    let standard_input = [PathBuf::from("-")];
    let files = if files.is_empty() { &standard_input[..] } else { files };
    let mut out = std::io::stdout().lock();
    for file in files {
        let mail = match read(file) {
            Ok(raw) => parse(&raw),
            Err(error) => ParsedMail { error: Some(error.to_string()), ..ParsedMail::default() },
        };
        let line = Line { file: file.display().to_string(), mail: &mail };
        serde_json::to_writer(&mut out, &line)?;
        writeln!(out)?;
    }
    Ok(())
}

fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut raw = Vec::new();
    // One byte more than is taken, so that what is too long is known to be.
    let limit = MESSAGE_MAX as u64 + 1;
    match file == Path::new("-") {
        true => std::io::stdin().lock().take(limit).read_to_end(&mut raw)?,
        false => std::fs::File::open(file)?.take(limit).read_to_end(&mut raw)?,
    };
    Ok(raw)
}

#[derive(Serialize)]
struct Answer {
    outcome: String,
    ticket: Option<String>,
    reason: Option<String>,
}

/// Takes the message on standard input into a mailbox, and exits 0 only once it is committed. While the database is away
/// the exit code tells the mail server to keep it.
pub async fn ingest(config: &Config, mailbox: &str) -> Result<()> {
    let raw = tokio::task::spawn_blocking(|| read(Path::new("-"))).await?.context("the message could not be read")?;
    let opened = match run::open(config).await {
        Ok(opened) => opened,
        Err(error) => later(&error),
    };
    let result = async {
        let mailbox = mailboxes::mailbox_by_name(&opened.desk, &Actor::system("oxdesk mail ingest"), mailbox).await?;
        if !mailbox.active {
            return Err(Error::NotFound);
        }
        intake::take_in(&opened.desk, mailbox.id, raw).await
    };
    let result = result.await;
    opened.close().await;
    match result {
        Ok(Intake { outcome, ticket, reason }) => {
            let answer =
                Answer { outcome: outcome.to_string(), ticket: ticket.map(|ticket| ticket.to_string()), reason };
            println!("{}", serde_json::to_string(&answer)?);
            Ok(())
        }
        Err(Error::NotFound) => {
            eprintln!("there is no mailbox of this name that takes mail");
            std::process::exit(EX_NOUSER);
        }
        Err(error) => later(&error.into()),
    }
}

fn later(error: &anyhow::Error) -> ! {
    eprintln!("{error:#}");
    std::process::exit(EX_TEMPFAIL);
}
