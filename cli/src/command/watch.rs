//! `pointsman watch`: runs the health checks of a zone, and feeds hosts with what it finds.

use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;
use pointsman_core::model::HostedZone;
use pointsman_core::parse::Document;
use pointsman_core::validate::{Options, validate};
use pointsman_watch::feed::TlsFiles;
use pointsman_watch::files::require_regular;
use pointsman_watch::log::{Form, Log};
use pointsman_watch::networks::{Network, Networks};
use pointsman_watch::notify::Receiver;
use pointsman_watch::rules::Rules;
use pointsman_watch::zone::BrakeRule;
use pointsman_watch::{Settings, Sources, WatchError, run};

use crate::exit::Stop;
use crate::findings::Findings;
use crate::fleet::FleetOptions;
use crate::load::ZoneFacts;
use crate::output;
use crate::source::Reader;

/// Run the health checks of zones, and feed hosts with what they find
///
/// The feed: /v1/health is the health report, /v1/health/stream each change as a server-sent event, /v1/status each check
/// with its reason, /metrics for Prometheus, and / a page for people; with several zones /v1/zones/NAME/health and so on. A
/// changed file is taken over while running; one that cannot be used changes nothing and is reported.
#[derive(Debug, Args)]
pub(crate) struct Watch {
    /// A document of a zone, as the AWS CLI prints it, or a folder of them; each document with a HostedZone begins a zone
    #[arg(short = 'z', long = "zone-file", value_name = "FILE", required_unless_present = "fleet_zones")]
    zone_files: Vec<String>,

    #[command(flatten)]
    facts: ZoneFacts,

    /// How to try what aliases lead to: JSON, DNS name to URL
    #[arg(long, value_name = "FILE")]
    targets: Option<String>,

    /// The watch's name, in reports and events; the machine's by default
    #[arg(long, value_name = "NAME", value_parser = name)]
    id: Option<String>,

    /// Where the feed listens; port 0 takes any that is free
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8053")]
    listen: SocketAddr,

    /// A name by which clients call the feed, besides the address and localhost
    #[arg(long, value_name = "NAME")]
    host: Vec<String>,

    /// Serve the feed with TLS: a file with the certificate and its chain, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,

    /// The certificate's private key, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,

    /// A file with the token that a client has to know to change anything; else the variable POINTSMAN_TOKEN
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,

    /// A file with the token that a client has to know to read; without it everybody may
    #[arg(long, value_name = "FILE")]
    read_token_file: Option<PathBuf>,

    /// Write the health report to a file, too, as a whole each time; with several zones, to a folder
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Append the events of the feed to a file, for `pointsman replay`; with several zones, to a folder
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,

    /// Send each transition to a URL, by POST, or to a shell command, on its standard input
    #[arg(long, value_name = "URL|COMMAND")]
    on_change: Vec<String>,

    /// Keep statuses and forces in a file, so that a restart begins with them
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,

    /// Connect to this network though it is denied; link-local and metadata addresses are by default
    #[arg(long, value_name = "NETWORK")]
    allow: Vec<Network>,

    /// Never connect to this network, whatever a zone says
    #[arg(long, value_name = "NETWORK")]
    deny: Vec<Network>,

    /// Hold the report when more than this share of the endpoints flips within this time, such as 50%/60s
    #[arg(long, value_name = "SHARE/TIME")]
    hold_when_flips: Option<BrakeRule>,

    /// Take over changed files that lose at most this share of a zone's checks
    #[arg(long, value_name = "SHARE", default_value = "50%", value_parser = share)]
    accept_loss: u8,

    /// Factor on intervals and time-outs, for drills: 0.1 is ten times as fast
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = scale)]
    interval_scale: f64,

    /// Refuse certificates that are not valid; Route 53 does not look at them
    #[arg(long)]
    verify_certificates: bool,

    /// Log as lines of JSON
    #[arg(long)]
    pub(super) json: bool,

    #[command(flatten)]
    fleet: FleetOptions,
}

fn scale(word: &str) -> Result<f64, String> {
    match word.parse::<f64>() {
        Ok(scale) if (0.001..=100.0).contains(&scale) => Ok(scale),
        _ => Err("a number from 0.001 to 100".into()),
    }
}

fn share(word: &str) -> Result<u8, String> {
    match word.strip_suffix('%').and_then(|number| number.parse::<u8>().ok()) {
        Some(percent @ 0..=100) => Ok(percent),
        _ => Err("a share from 0% to 100%".into()),
    }
}

fn name(word: &str) -> Result<String, String> {
    match word.chars().count() {
        1..=64 if word.chars().all(|character| character.is_ascii_graphic()) => Ok(word.into()),
        _ => Err("1 to 64 printable ASCII characters without blanks".into()),
    }
}

impl Watch {
    pub(super) fn run(self) -> Result<(), Stop> {
        if self.zone_files.iter().any(|file| file == "-") {
            return Err(Stop::cannot("standard input cannot be looked at for changes", "give the zone as files"));
        }
        let token = token(self.token_file.as_deref())?;
        let read_token = self.read_token_file.as_deref().map(token_of).transpose()?;
        let fleet = self.fleet.settings()?;
        let fleet_zones = self.fleet.fleet_zones.clone();
        let files = self.zone_files.iter().chain(&self.targets).map(PathBuf::from).chain(fleet_zones.clone()).collect();
        let form = if self.json { Form::Json } else { Form::Pairs };
        let settings = Settings {
            id: self.id,
            files,
            listen: self.listen,
            tls: self.tls_cert.zip(self.tls_key).map(|(certificates, key)| TlsFiles { certificates, key }),
            hosts: self.host,
            token,
            read_token,
            out: self.out,
            on_change: self.on_change.iter().map(|text| Receiver::parse(text)).collect(),
            record: self.record,
            state: self.state,
            scale: self.interval_scale,
            verify_certificates: self.verify_certificates,
            networks: Networks::new(&self.allow, &self.deny),
            hold_when_flips: self.hold_when_flips,
            accept_loss_percent: self.accept_loss,
            fleet,
            fleet_zones: fleet_zones.clone(),
            log: Log::new(form),
            load: {
                let (facts, zone_files, targets) = (self.facts, self.zone_files, self.targets);
                Box::new(move || load(&facts, &zone_files, fleet_zones.as_deref(), targets.as_deref()))
            },
        };
        let ready = |url: &str| {
            // On stdout, so that a script learns the port that was free.
            let mut stdout = output::stdout();
            let _ = writeln!(stdout, "{url}").and_then(|()| stdout.flush());
        };
        run(settings, ready).map_err(|error| match &error {
            WatchError::Sources(problem) => {
                output::say(format_args!("{problem}"));
                Stop::No
            }
            WatchError::Listen(..) => Stop::cannot(error.to_string(), "give another address with --listen"),
            WatchError::StateInUse(_) => {
                Stop::cannot(error.to_string(), "end that process, or give another file with --state")
            }
            WatchError::System(_) => Stop::cannot(error.to_string(), ""),
        })
    }
}

/// Reads zones and rules; what is wrong with them is one text for people.
fn load(
    facts: &ZoneFacts,
    zone_files: &[String],
    fleet_zones: Option<&Path>,
    targets: Option<&str>,
) -> Result<Sources, String> {
    let in_words = |stop: Stop| match stop {
        Stop::Cannot { message, help } if help.is_empty() => message,
        Stop::Cannot { message, help } => format!("{message}; {help}"),
        Stop::No => "the files cannot be used".into(),
        Stop::Output(error) => error.to_string(),
    };
    let files = documents(zone_files)?;
    let sources = facts.read(&files, &mut Reader::default()).map_err(in_words)?;
    let documents = facts.parse(&sources);
    let published = fleet_zones.map_or(Ok(Vec::new()), published)?;
    let mut given = Vec::new();
    let groups = if files.is_empty() { Vec::new() } else { groups(documents) };
    if groups.len() > 1 && facts.options(&sources).zone_name.is_some() {
        return Err("--zone names one zone, and the documents are of several".into());
    }
    for group in groups {
        let validated = validate(&group, &facts.options(&sources));
        let Some(zone) = validated.zone else {
            return Err(Findings { sources: &sources }.in_words(&validated.diagnostics));
        };
        // What was published goes before a file of the same zone.
        if !published.iter().any(|known: &HostedZone| known.name == zone.name) {
            given.push(zone);
        }
    }
    let zones: Vec<HostedZone> = published.into_iter().chain(given).collect();
    if zones.is_empty() {
        return Err(
            "no zone is published to this location yet; publish one through another watch, or give one with -z".into(),
        );
    }
    let rules = match targets {
        None => Rules::default(),
        Some(path) => {
            regular(path)?;
            let source = Reader::default().read(path, "file of rules").map_err(in_words)?;
            Rules::parse(&source.text).map_err(|error| format!("{path}: {error}"))?
        }
    };
    Ok(Sources { zones, rules })
}

/// The zones that were published, each a document of its own.
fn published(folder: &Path) -> Result<Vec<HostedZone>, String> {
    if let Err(error) = fs::create_dir_all(folder) {
        return Err(format!("cannot make the folder `{}`: {error}", folder.display()));
    }
    let mut zones = Vec::new();
    for file in inside(&folder.to_string_lossy())? {
        regular(&file)?;
        let source = Reader::default().read(&file, "published zone").map_err(|_| format!("cannot read `{file}`"))?;
        let sources = [source];
        let documents: Vec<Document<'_>> = sources.iter().map(|source| source.document(0)).collect();
        let validated = validate(&documents, &Options::default());
        let Some(zone) = validated.zone else {
            return Err(Findings { sources: &sources }.in_words(&validated.diagnostics));
        };
        zones.push(zone);
    }
    Ok(zones)
}

/// The documents' files: of a folder, those that are JSON, by their names.
fn documents(zone_files: &[String]) -> Result<Vec<String>, String> {
    let mut files = Vec::new();
    for file in zone_files {
        if !Path::new(file).is_dir() {
            regular(file)?;
            files.push(file.clone());
            continue;
        }
        let inside = inside(file)?;
        if inside.is_empty() {
            return Err(format!("the folder `{file}` holds no document (.json)"));
        }
        for path in &inside {
            regular(path)?;
        }
        files.extend(inside);
    }
    Ok(files)
}

/// The documents in a folder, by their names.
fn inside(folder: &str) -> Result<Vec<String>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("cannot read the folder `{folder}`: {error}"))?;
    let mut inside: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.path().to_str().map(String::from))
        .filter(|path| path.ends_with(".json") && !path.rsplit('/').next().is_some_and(|name| name.starts_with('.')))
        .collect();
    inside.sort();
    Ok(inside)
}

/// A pipe that nobody writes to, or a device, would be read for ever.
fn regular(path: &str) -> Result<(), String> {
    match require_regular(Path::new(path)) {
        // That there is none is said where it is read.
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(format!("cannot read `{path}`: {error}")),
    }
}

/// The documents of each zone. With one HostedZone among them, or none, all are of one zone. With several, each begins a
/// zone, to which the documents with record sets behind it belong; what holds health checks or CIDR blocks alone is for all.
fn groups(documents: Vec<Document<'_>>) -> Vec<Vec<Document<'_>>> {
    let begins = |document: &Document<'_>| document.hosted_zone.is_some();
    if documents.iter().filter(|document| begins(document)).count() < 2 {
        return vec![documents];
    }
    let (shared, own): (Vec<Document<'_>>, Vec<Document<'_>>) =
        documents.into_iter().partition(|document| !begins(document) && document.record_sets.is_none());
    let mut groups: Vec<Vec<Document<'_>>> = Vec::new();
    for document in own {
        match groups.last_mut() {
            Some(group) if !begins(&document) => group.push(document),
            _ => groups.push(vec![document]),
        }
    }
    for group in &mut groups {
        group.extend(shared.iter().cloned());
    }
    groups
}

/// The token: from a file, else from the environment.
pub(super) fn token(file: Option<&Path>) -> Result<Option<String>, Stop> {
    match (file, std::env::var("POINTSMAN_TOKEN")) {
        (Some(path), _) => token_of(path).map(Some),
        (None, Ok(token)) => not_empty(&token).map(Some),
        (None, Err(_)) => Ok(None),
    }
}

/// The token in a file.
fn token_of(path: &Path) -> Result<String, Stop> {
    let fault =
        |error: &std::io::Error| Stop::cannot(format!("cannot read the token `{}`: {error}", path.display()), "");
    not_empty(&fs::read_to_string(path).map_err(|error| fault(&error))?)
}

fn not_empty(token: &str) -> Result<String, Stop> {
    match token.trim() {
        "" => Err(Stop::cannot(
            "the token is empty",
            "write some random characters, as `openssl rand -hex 16` makes them",
        )),
        token => Ok(token.into()),
    }
}
