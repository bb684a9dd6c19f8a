//! `pointsman watch`: runs the health checks of a zone, and feeds hosts with what it finds.

use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;
use pointsman_core::validate::validate;
use pointsman_watch::log::{Form, Log};
use pointsman_watch::notify::Hearer;
use pointsman_watch::rules::Rules;
use pointsman_watch::{Settings, Sources, WatchError, run};

use crate::exit::Stop;
use crate::findings::Findings;
use crate::load::ZoneFacts;
use crate::output;
use crate::source::Reader;

/// Run the health checks of a zone, and feed hosts with what they find
///
/// The feed: /v1/health is the health report, /v1/health/stream each change as a server-sent event, /v1/status each check
/// with its reason, /metrics for Prometheus, and / a page for people. A changed file is taken over while running; one that
/// cannot be used changes nothing and is told.
#[derive(Debug, Args)]
pub(crate) struct Watch {
    /// A document of the zone, as the AWS CLI prints it; several make one zone
    #[arg(short = 'z', long = "zone-file", value_name = "FILE", required = true)]
    zone_files: Vec<String>,

    #[command(flatten)]
    facts: ZoneFacts,

    /// How to try what aliases lead to: JSON, DNS name to URL
    #[arg(long, value_name = "FILE")]
    targets: Option<String>,

    /// Where the feed listens; port 0 takes any that is free
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8053")]
    listen: SocketAddr,

    /// A file with the token that a client has to know to change anything; else the variable POINTSMAN_TOKEN
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,

    /// Write the health report to a file, too, as a whole each time
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Tell each transition to a URL, by POST, or to a shell command, on its standard input
    #[arg(long, value_name = "URL|COMMAND")]
    on_change: Vec<String>,

    /// Keep what is known in a file, so that a restart begins with it
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,

    /// Factor on intervals and time-outs, for drills: 0.1 is ten times as fast
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = scale)]
    interval_scale: f64,

    /// Refuse certificates that are not valid; Route 53 does not look at them
    #[arg(long)]
    verify_certificates: bool,

    /// Log as lines of JSON
    #[arg(long)]
    json: bool,
}

fn scale(word: &str) -> Result<f64, String> {
    match word.parse::<f64>() {
        Ok(scale) if (0.001..=100.0).contains(&scale) => Ok(scale),
        _ => Err("a number from 0.001 to 100".into()),
    }
}

impl Watch {
    pub(super) fn run(self) -> Result<(), Stop> {
        if self.zone_files.iter().any(|file| file == "-") {
            return Err(Stop::cannot("standard input cannot be looked at for changes", "give the zone as files"));
        }
        let token = token(self.token_file.as_deref())?;
        let files = self.zone_files.iter().chain(&self.targets).map(PathBuf::from).collect();
        let form = if self.json { Form::Json } else { Form::Pairs };
        let settings = Settings {
            files,
            listen: self.listen,
            token,
            out: self.out,
            on_change: self.on_change.iter().map(|text| Hearer::parse(text)).collect(),
            state: self.state,
            scale: self.interval_scale,
            verify_certificates: self.verify_certificates,
            log: Log { form },
            load: {
                let (facts, zone_files, targets) = (self.facts, self.zone_files, self.targets);
                Box::new(move || load(&facts, &zone_files, targets.as_deref()))
            },
        };
        let ready = |address: SocketAddr| {
            // On stdout, so that a script learns the port that was free.
            let mut stdout = output::stdout();
            let _ = writeln!(stdout, "{}", pointsman_watch::feed::url(address)).and_then(|()| stdout.flush());
        };
        run(settings, ready).map_err(|error| match &error {
            WatchError::Sources(problem) => {
                output::say(format_args!("{problem}"));
                Stop::No
            }
            WatchError::Listen(..) => Stop::cannot(error.to_string(), "give another address with --listen"),
            WatchError::System(_) => Stop::cannot(error.to_string(), ""),
        })
    }
}

/// Reads zone and rules; what is wrong with them is one text for people.
fn load(facts: &ZoneFacts, zone_files: &[String], targets: Option<&str>) -> Result<Sources, String> {
    let told = |stop: Stop| match stop {
        Stop::Cannot { message, help } if help.is_empty() => message,
        Stop::Cannot { message, help } => format!("{message}; {help}"),
        Stop::No => "the files cannot be used".into(),
        Stop::Output(error) => error.to_string(),
    };
    let sources = facts.read(zone_files, &mut Reader::default()).map_err(told)?;
    let documents = facts.parse(&sources);
    let validated = validate(&documents, &facts.options(&sources));
    let Some(zone) = validated.zone else {
        return Err(Findings { sources: &sources }.in_words(&validated.diagnostics));
    };
    let rules = match targets {
        None => Rules::default(),
        Some(path) => {
            let source = Reader::default().read(path, "file of rules").map_err(told)?;
            Rules::parse(&source.text).map_err(|error| format!("{path}: {error}"))?
        }
    };
    Ok(Sources { zone, rules })
}

/// The token: from a file, else from the environment.
pub(super) fn token(file: Option<&Path>) -> Result<Option<String>, Stop> {
    let token = match file {
        Some(path) => fs::read_to_string(path)
            .map_err(|error| Stop::cannot(format!("cannot read the token `{}`: {error}", path.display()), ""))?,
        None => match std::env::var("POINTSMAN_TOKEN") {
            Ok(token) => token,
            Err(_) => return Ok(None),
        },
    };
    match token.trim() {
        "" => Err(Stop::cannot(
            "the token is empty",
            "write some random characters, as `openssl rand -hex 16` makes them",
        )),
        token => Ok(Some(token.into())),
    }
}
