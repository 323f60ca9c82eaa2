//! The user's folders, as the XDG Base Directory Specification places them:
//! <https://specifications.freedesktop.org/basedir-spec/latest/>.

use std::ffi::OsStr;
use std::fs::{DirBuilder, Metadata, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rustix::process::getuid;
use tempfile::{Builder, TempDir};

/// A kind of folder: the variable that names it, and where it is in the home folder otherwise.
#[derive(Clone, Copy, Debug)]
pub struct UserFolder {
    variable: &'static str,
    in_home: &'static str,
}

impl UserFolder {
    pub const CACHE: UserFolder = UserFolder { variable: "XDG_CACHE_HOME", in_home: ".cache" };
    pub const CONFIG: UserFolder = UserFolder { variable: "XDG_CONFIG_HOME", in_home: ".config" };
    pub const DATA: UserFolder = UserFolder { variable: "XDG_DATA_HOME", in_home: ".local/share" };
    pub const STATE: UserFolder = UserFolder { variable: "XDG_STATE_HOME", in_home: ".local/state" };

    /// SIMages' own folder, which need not exist. None without a home folder.
    pub fn path(self) -> Option<PathBuf> {
        let named = std::env::var_os(self.variable).map(PathBuf::from).filter(|path| path.is_absolute());
        named.or_else(|| Some(home()?.join(self.in_home))).map(|path| path.join("simages"))
    }

    /// The same; without a home folder, one among the temporary files, which stderr says once.
    pub fn path_or_temporary(self) -> PathBuf {
        static TEMPORARY: OnceLock<PathBuf> = OnceLock::new();
        self.path().unwrap_or_else(|| TEMPORARY.get_or_init(temporary_home).join(self.in_home))
    }
}

/// The home folder: `$HOME`, or what the list of users says.
pub fn home() -> Option<PathBuf> {
    let named = std::env::var_os("HOME").map(PathBuf::from);
    named.filter(|home| home.is_absolute()).or_else(listed_home)
}

/// A typed path, with `~` expanded to the home folder.
pub fn expanded_path(text: &str) -> PathBuf {
    match text.strip_prefix("~/").zip(home()) {
        Some((inside, home)) => home.join(inside),
        None => text.into(),
    }
}

/// A path for messages, with `~` for the home folder.
pub fn told_path(path: &Path) -> String {
    match home().and_then(|home| path.strip_prefix(home).ok().map(Path::to_owned)) {
        Some(inside) => format!("~/{}", crate::shown::path(inside)),
        None => crate::shown::path(path),
    }
}

/// A static glibc looks users up by loading parts of the machine's own glibc, which may be another version: the file is
/// read instead.
fn listed_home() -> Option<PathBuf> {
    if cfg!(target_feature = "crt-static") {
        return home_in(&std::fs::read("/etc/passwd").ok()?, getuid().as_raw());
    }
    std::env::home_dir().filter(|home| home.is_absolute())
}

/// The home folder of `user` in /etc/passwd: `name:password:user:group:comment:home:shell`.
fn home_in(users: &[u8], user: u32) -> Option<PathBuf> {
    let user = user.to_string();
    let mut homes = users.split(|byte| *byte == b'\n').filter_map(|line| {
        let mut fields = line.split(|byte| *byte == b':');
        let is_user = fields.nth(2)? == user.as_bytes();
        fields.nth(2).filter(|_| is_user)
    });
    homes.next().map(|home| PathBuf::from(OsStr::from_bytes(home))).filter(|home| home.is_absolute())
}

/// What stands for the home folder of a user who has none.
fn temporary_home() -> PathBuf {
    let folder = private_folder(&std::env::temp_dir());
    let shown = crate::shown::path(&folder);
    let _ = writeln!(
        io::stderr(),
        "note: there is no home folder: the cache and the settings are kept in {shown}; set HOME to change that"
    );
    folder
}

/// A folder in `temporary` that no other user has made or can write to: the same each time, if none has.
fn private_folder(temporary: &Path) -> PathBuf {
    let folder = temporary.join(format!("simages-{}", getuid().as_raw()));
    let is_ours = |found: Metadata| found.is_dir() && found.uid() == getuid().as_raw() && found.mode() & 0o022 == 0;
    match DirBuilder::new().mode(0o700).create(&folder) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => match folder.symlink_metadata().is_ok_and(is_ours) {
            true => folder,
            // In a file nothing can be kept.
            false => {
                let another =
                    Builder::new().prefix("simages-").permissions(Permissions::from_mode(0o700)).tempdir_in(temporary);
                another.map_or_else(|_| "/dev/null".into(), TempDir::keep)
            }
        },
        // Or there are no temporary files here: whoever writes to it will say so.
        _ => folder,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_users_home_is_found_by_number() {
        let users = b"root:x:0:0:root:/root:/bin/sh\n\nx:1000\nnobody:x:65534:65534::nowhere:\n+::::::\nann:x:1000:100:Ann:/home/ann:/bin/sh";
        assert_eq!(home_in(users, 0), Some("/root".into()));
        assert_eq!(home_in(users, 65534), None);
        assert_eq!(home_in(users, 1000), Some("/home/ann".into()));
        assert_eq!(home_in(users, 7), None);
    }

    #[test]
    fn a_folder_that_others_can_write_to_is_not_used() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = private_folder(temporary.path());
        assert_eq!(folder.metadata().unwrap().mode() & 0o777, 0o700);
        assert_eq!(private_folder(temporary.path()), folder);
        std::fs::set_permissions(&folder, Permissions::from_mode(0o777)).unwrap();
        let other = private_folder(temporary.path());
        assert_eq!((other != folder, other.metadata().unwrap().mode() & 0o777), (true, 0o700));
        std::fs::remove_dir(&folder).unwrap();
        symlink("/", &folder).unwrap();
        assert_ne!(private_folder(temporary.path()), folder);
    }
}
