//! Files as careful daemons treat them: only regular ones are read, and a new one takes the place of the old one whole.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// Refuses what is no regular file: a pipe or a device may never end.
///
/// # Errors
/// There is no such file, or it is something else.
pub fn require_regular(path: &Path) -> io::Result<Metadata> {
    let metadata = fs::metadata(path)?;
    match metadata.is_file() {
        true => Ok(metadata),
        false if metadata.is_dir() => Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory")),
        false => Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file")),
    }
}

/// Puts a text in the place of a file, so that a reader sees the old or the new one, and a crash leaves one of the two.
///
/// The text goes to a new file beside it, which is synced and renamed, and then the folder is synced. A symbolic link at
/// `path` stays, and what it leads to is replaced; one at the new file's name is removed and never followed. The new file
/// has the old one's mode, or `mode` where there was none.
///
/// # Errors
/// The folder is not there or may not be written, the disk is full, `path` is something other than a regular file. The file
/// that was there stays as it was.
pub fn replace(path: &Path, text: &str, mode: u32) -> io::Result<()> {
    let (path, mode) = match fs::metadata(path) {
        Ok(_) => (fs::canonicalize(path)?, require_regular(path)?.permissions().mode() & 0o777),
        Err(error) if error.kind() == io::ErrorKind::NotFound => (target_of_dangling(path), mode),
        Err(error) => return Err(error),
    };
    let new = beside(&path, std::process::id());
    let write = || -> io::Result<()> {
        let mut file = create(&new, mode)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, &path)
    };
    write().inspect_err(|_| {
        let _ = fs::remove_file(&new);
    })?;
    sync_folder(&path)
}

/// Removes what processes that are gone left beside a file.
pub fn sweep(path: &Path) {
    let Some(folder) = folder(path) else { return };
    let Ok(entries) = fs::read_dir(folder) else { return };
    let prefix = format!(".{}.", path.file_name().unwrap_or_default().to_string_lossy());
    for entry in entries.flatten() {
        let name = entry.file_name();
        let process =
            name.to_str().and_then(|name| name.strip_prefix(&prefix)?.strip_suffix(".new")?.parse::<i32>().ok());
        let is_gone = |process: i32| {
            let process = rustix::process::Pid::from_raw(process);
            process.is_none_or(|process| rustix::process::test_kill_process(process) == Err(rustix::io::Errno::SRCH))
        };
        if process.is_some_and(is_gone) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Whether a file was written anew since: what distinguishes it from itself.
pub(crate) fn stamp(path: &Path) -> Option<(std::time::SystemTime, u64, u64)> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len(), metadata.ino()))
}

/// The name of the new file: of this process, so that no two processes write the same one.
fn beside(path: &Path, process: u32) -> PathBuf {
    path.with_file_name(format!(".{}.{process}.new", path.file_name().unwrap_or_default().to_string_lossy()))
}

/// A new file, never one that was there: what stands at its name is removed, not opened.
fn create(new: &Path, mode: u32) -> io::Result<File> {
    match fs::remove_file(new) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    // `create_new` is O_EXCL, which follows no link.
    let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(new)?;
    // Whatever the umask is: the mode is the one that the old file had.
    file.set_permissions(fs::Permissions::from_mode(mode))?;
    Ok(file)
}

/// Where a link leads to when nothing is there yet; else the path itself.
fn target_of_dangling(path: &Path) -> PathBuf {
    match fs::read_link(path) {
        Ok(target) if target.is_absolute() => target,
        Ok(target) => path.with_file_name("").join(target),
        Err(_) => path.to_path_buf(),
    }
}

fn folder(path: &Path) -> Option<&Path> {
    let folder = path.parent()?;
    Some(if folder.as_os_str().is_empty() { Path::new(".") } else { folder })
}

/// A rename lasts through a crash once its folder is on the disk.
fn sync_folder(path: &Path) -> io::Result<()> {
    folder(path).map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("pointsman-files-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn modes_stay_and_new_files_have_the_one_that_is_asked_for() {
        let folder = fresh("modes");
        let file = folder.join("state");
        let mode = || fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        replace(&file, "one", 0o600).unwrap();
        assert_eq!(mode(), 0o600);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o664)).unwrap();
        replace(&file, "two", 0o600).unwrap();
        assert_eq!((mode(), fs::read_to_string(&file).unwrap().as_str()), (0o664, "two"));
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing is left behind");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn links_are_followed_where_the_operator_made_them_and_nowhere_else() {
        let folder = fresh("links");
        let (real, link, victim) = (folder.join("real"), folder.join("link"), folder.join("victim"));
        fs::write(&victim, "untouched").unwrap();
        std::os::unix::fs::symlink("real", &link).unwrap();
        // Before there is a file behind the link, and after.
        for text in ["one", "two"] {
            // Somebody who knows the process's number sets a trap.
            std::os::unix::fs::symlink(&victim, beside(&real, std::process::id())).unwrap();
            replace(&link, text, 0o600).unwrap();
            assert_eq!(fs::read_to_string(&real).unwrap(), text);
            assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
            assert_eq!(fs::read_to_string(&victim).unwrap(), "untouched");
        }
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_is_no_file_is_neither_read_nor_replaced() {
        let folder = fresh("kinds");
        assert!(require_regular(Path::new("/dev/null")).is_err());
        assert!(require_regular(&folder).is_err());
        assert!(replace(&folder, "x", 0o600).is_err());
        assert!(replace(Path::new("/dev/full"), "x", 0o600).is_err());
        // A folder stands where the new file would be written.
        let file = folder.join("state");
        fs::create_dir(beside(&file, std::process::id())).unwrap();
        assert!(replace(&file, "x", 0o600).is_err());
        assert!(!file.exists());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_the_dead_left_is_swept_and_nothing_else() {
        let folder = fresh("sweep");
        let file = folder.join("state");
        let (own, dead) = (beside(&file, std::process::id()), beside(&file, 4_000_000));
        let other = folder.join(".other.4000000.new");
        for path in [&own, &dead, &other] {
            fs::write(path, "").unwrap();
        }
        sweep(&file);
        assert!(own.exists() && !dead.exists() && other.exists());
        fs::remove_dir_all(folder).unwrap();
    }
}
