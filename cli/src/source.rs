//! Files and standard input as text.

use std::cell::OnceCell;
use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

use pointsman_core::compile::IMAGE_MAGIC;
use pointsman_core::diagnostic::{Diagnostic, Location, Place};
use pointsman_core::parse::{Document, Locator, locate, parse};
use pointsman_import::{Imported, Options};

use crate::exit::Stop;

/// A text that was given, under the name it was given by.
#[derive(Debug)]
pub(crate) struct Source {
    /// The file's path as typed; `<stdin>` for standard input.
    pub(crate) name: String,
    /// What it holds.
    pub(crate) text: String,
    locator: OnceCell<Locator>,
    /// What it says in the AWS CLI's words, where it is of another format.
    imported: Option<Arc<Imported>>,
}

impl Source {
    fn new(name: String, text: String) -> Self {
        Self { name, text, locator: OnceCell::new(), imported: None }
    }

    /// The same text once more.
    pub(crate) fn again(&self) -> Self {
        Self { imported: self.imported.clone(), ..Self::new(self.name.clone(), self.text.clone()) }
    }

    /// Recognises a text of another format than the AWS CLI's.
    pub(crate) fn import(&mut self, options: &Options<'_>) {
        self.imported = pointsman_import::read(&self.text, options).map(Arc::new);
    }

    /// What the text is, when it is of another format than the AWS CLI's.
    pub(crate) fn imported(&self) -> Option<&Imported> {
        self.imported.as_deref()
    }

    /// The text in the AWS CLI's words.
    pub(crate) fn aws_json(&self) -> &str {
        self.imported().map_or(&self.text, Imported::json)
    }

    /// The text as a document.
    pub(crate) fn document(&self, number: usize) -> Document<'_> {
        self.imported().map_or_else(|| parse(number, &self.text), |imported| imported.document(number))
    }

    /// A finding at its place in the text, which is another one where the text is of another format.
    pub(crate) fn relocated(&self, finding: &Diagnostic) -> Diagnostic {
        let mut finding = finding.clone();
        if let Some(imported) = &self.imported {
            imported.relocate(&self.text, &mut finding);
        }
        finding
    }

    /// A text that was made, not given.
    pub(crate) fn made(name: String, text: String) -> Self {
        Self::new(name, text)
    }

    /// Finds a place in the text; the first call prepares for many.
    pub(crate) fn locate(&self, place: &Place) -> Location {
        if let Some(imported) = &self.imported {
            return imported.locate(&self.text, place);
        }
        match place.line_column {
            None => self.locator.get_or_init(|| Locator::new(&self.text)).locate(&self.text, place),
            Some(_) => locate(&self.text, place),
        }
    }
}

/// Reads files, and standard input at most once.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    /// What standard input was read for.
    stdin_is: Option<&'static str>,
}

impl Reader {
    /// Reads one file, `-` for standard input; `what` says what it is for.
    pub(crate) fn read(&mut self, path: &str, what: &'static str) -> Result<Source, Stop> {
        let name = if path == "-" { "<stdin>" } else { path };
        let bytes = if path == "-" {
            self.take_stdin(what)?;
            let mut bytes = Vec::new();
            io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
        } else {
            read_file(path)
        };
        let bytes = bytes.map_err(|error| unreadable(name, what, &error))?;
        let text = String::from_utf8(bytes).map_err(|error| not_utf8(name, what, error.as_bytes()))?;
        Ok(Source::new(name.into(), text))
    }

    /// Claims standard input, which can be read for one thing only.
    pub(crate) fn take_stdin(&mut self, what: &'static str) -> Result<(), Stop> {
        match self.stdin_is.replace(what) {
            None => Ok(()),
            Some(earlier) => Err(Stop::cannot(
                format!("standard input cannot be both the {earlier} and the {what}"),
                "give one of the two as a file",
            )),
        }
    }
}

/// The bytes of a file, with a plain word for a directory, which some systems open and then fail to read.
pub(crate) fn read_file(path: &str) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory"));
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The reason that a file cannot be read.
pub(crate) fn unreadable(name: &str, what: &str, error: &io::Error) -> Stop {
    let (reason, help) = match error.kind() {
        io::ErrorKind::NotFound => ("no such file".into(), "check the path"),
        io::ErrorKind::PermissionDenied => ("permission denied".into(), ""),
        io::ErrorKind::IsADirectory => ("it is a directory".into(), "give the files in it"),
        _ => (error.to_string(), ""),
    };
    Stop::cannot(format!("cannot read the {what} `{name}`: {reason}"), help)
}

fn not_utf8(name: &str, what: &str, bytes: &[u8]) -> Stop {
    // Windows PowerShell's `>` writes UTF-16; JSON's first character is ASCII, so one of the first two bytes is zero.
    let utf16 = matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
    let (reason, help) = if bytes.starts_with(&IMAGE_MAGIC) {
        (
            "it is the image of a zone",
            "give the zone's documents: an image holds no more than resolve, odds, explain and inspect need",
        )
    } else if utf16 {
        ("it is UTF-16, not UTF-8", "save it as UTF-8, in PowerShell with `| Out-File -Encoding utf8 FILE`")
    } else {
        ("it is not UTF-8 text", "give the JSON that the AWS CLI prints with `--output json`")
    };
    Stop::cannot(format!("cannot read the {what} `{name}`: {reason}"), help)
}
