//! Archives whose bytes follow from what is in them: sorted, with one owner, one date, and rights of two kinds.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc, GzBuilder};
use tar::{Builder, EntryType, Header};

/// Files by their path in an archive.
#[derive(Default)]
pub(crate) struct Files {
    files: BTreeMap<String, (Vec<u8>, bool)>,
}

impl Files {
    /// Adds a file from its bytes.
    pub(crate) fn put(&mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.files.insert(path.into(), (bytes.into(), false));
    }

    /// Adds a file of the disk.
    pub(crate) fn copy(&mut self, path: impl Into<String>, from: &Path) -> Result<()> {
        self.put(path, read(from)?);
        Ok(())
    }

    /// Adds a program of the disk.
    pub(crate) fn program(&mut self, path: impl Into<String>, from: &Path) -> Result<()> {
        self.files.insert(path.into(), (read(from)?, true));
        Ok(())
    }

    /// Adds every file of a folder, and of those in it.
    pub(crate) fn folder(&mut self, path: &str, from: &Path) -> Result<()> {
        for entry in fs::read_dir(from).with_context(|| format!("cannot list {}", from.display()))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let inside = if path.is_empty() { name } else { format!("{path}/{name}") };
            if entry.path().is_dir() {
                self.folder(&inside, &entry.path())?;
            } else {
                self.copy(inside, &entry.path())?;
            }
        }
        Ok(())
    }

    /// A tar archive; `date` is in seconds since 1970 (the date of the revision, so that a second build has it, too).
    pub(crate) fn tar(&self, date: u64) -> Result<Vec<u8>> {
        let mut archive = Builder::new(Vec::new());
        for (path, (bytes, runs)) in &self.files {
            let mut header = Header::new_gnu();
            header.set_entry_type(EntryType::Regular);
            header.set_mode(if *runs { 0o755 } else { 0o644 });
            header.set_size(bytes.len() as u64);
            header.set_mtime(date);
            header.set_uid(0);
            header.set_gid(0);
            archive.append_data(&mut header, path, bytes.as_slice()).with_context(|| format!("cannot pack {path}"))?;
        }
        archive.into_inner().context("cannot end an archive")
    }

    /// The same, compressed.
    pub(crate) fn tar_gz(&self, date: u64) -> Result<Vec<u8>> {
        gzip(&self.tar(date)?)
    }

    /// A zip archive, whose files have the earliest date that the format knows.
    pub(crate) fn zip(&self) -> Result<Vec<u8>> {
        let (mut archive, mut directory, mut count) = (Vec::new(), Vec::new(), 0_u16);
        for (path, (bytes, _)) in &self.files {
            let at = u32::try_from(archive.len()).context("more than a zip file holds")?;
            let packed = deflate(bytes)?;
            let mut sum = Crc::new();
            sum.update(bytes);
            // Version 2.0, names in UTF-8, deflate, midnight of 1 January 1980.
            let mut header: Vec<u8> = vec![20, 0, 0, 8, 8, 0, 0, 0, 0x21, 0];
            header.extend(sum.sum().to_le_bytes());
            for length in [packed.len(), bytes.len()] {
                header.extend(u32::try_from(length).context("more than a zip file holds")?.to_le_bytes());
            }
            header.extend(u16::try_from(path.len()).context("a path is too long")?.to_le_bytes());
            header.extend([0, 0]);
            archive.extend(b"PK\x03\x04");
            archive.extend(&header);
            archive.extend(path.bytes());
            archive.extend(packed);
            directory.extend(b"PK\x01\x02\x14\x00");
            directory.extend(header);
            directory.extend([0; 10]);
            directory.extend(at.to_le_bytes());
            directory.extend(path.bytes());
            count = count.checked_add(1).context("more than a zip file holds")?;
        }
        let begins = u32::try_from(archive.len()).context("more than a zip file holds")?;
        let length = u32::try_from(directory.len()).context("more than a zip file holds")?;
        archive.extend(directory);
        archive.extend(b"PK\x05\x06\0\0\0\0");
        archive.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
        archive.extend([length.to_le_bytes(), begins.to_le_bytes()].concat());
        archive.extend([0, 0]);
        Ok(archive)
    }

    /// Writes the files below a folder.
    pub(crate) fn write(&self, below: &Path) -> Result<()> {
        for (path, (bytes, _)) in &self.files {
            write(&below.join(path), bytes)?;
        }
        Ok(())
    }
}

fn deflate(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

/// A gzip file without a name and a date inside.
pub(crate) fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    // 255 is "unknown": which system packed it makes no difference.
    let mut encoder = GzBuilder::new().mtime(0).operating_system(255).write(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

/// Reads a file; the error names it.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Reads a text; the error names it.
pub(crate) fn text(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Writes a file, and makes its folder first.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

/// Makes a folder that is empty.
pub(crate) fn empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_files_make_equal_archives_in_whatever_order_they_came() {
        let (mut one, mut other) = (Files::default(), Files::default());
        one.put("b", *b"2");
        one.put("a/c", *b"1");
        other.put("a/c", *b"1");
        other.put("b", *b"2");
        assert_eq!(one.tar_gz(7).unwrap(), other.tar_gz(7).unwrap());
        assert_eq!(one.zip().unwrap(), other.zip().unwrap());
        assert_ne!(one.tar_gz(7).unwrap(), one.tar_gz(8).unwrap(), "the date is in it");
    }
}
