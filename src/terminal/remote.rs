//! How a user at the other end of a connection fetches a file from here.

use std::path::Path;

use crate::shown::printable;

/// A command for the other end: `scp 'anna@192.0.2.1:/pictures/duck.jpg' .`. Uses the address of the connection, if
/// there is one, else this machine's name.
pub fn scp_line(path: &Path) -> String {
    let user = std::env::var("USER").or_else(|_| std::env::var("LOGNAME")).ok();
    line(path, user.as_deref(), std::env::var("SSH_CONNECTION").ok().as_deref(), &host())
}

#[cfg(unix)]
fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
fn host() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_default()
}

/// `connection`: SSH's variable with the client's address and port, then the server's.
fn line(path: &Path, user: Option<&str>, connection: Option<&str>, host: &str) -> String {
    let server: Vec<&str> = connection.into_iter().flat_map(str::split_whitespace).skip(2).collect();
    let (host, port) = match server[..] {
        [address, port] => (address.to_owned(), port),
        _ => (host.to_owned(), "22"),
    };
    let host = if host.contains(':') { format!("[{host}]") } else { host };
    let user = user.map_or_else(String::new, |user| format!("{user}@"));
    let port = if port == "22" { String::new() } else { format!("-P {port} ") };
    format!("scp {port}{} .", quoted(&format!("{user}{host}:"), path))
}

/// One shell word. Characters that can't be typed or would affect a terminal are written as bytes (bash, zsh, ksh).
fn quoted(before: &str, path: &Path) -> String {
    let bytes = path.as_os_str().as_encoded_bytes();
    if let Some(text) = path.to_str().filter(|text| printable(text) == *text) {
        return format!("'{before}{}'", text.replace('\'', "'\\''"));
    }
    let mut word = format!("$'{before}");
    for byte in bytes {
        match byte {
            b'\'' | b'\\' => word.extend(['\\', char::from(*byte)]),
            b' '..=b'~' => word.push(char::from(*byte)),
            // Three digits each, so that what follows isn't taken as part of it.
            _ => word.push_str(&format!("\\{byte:03o}")),
        }
    }
    word + "'"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_fetched_from_where_the_connection_was_made_to() {
        let path = Path::new("/pictures/it's.jpg");
        assert_eq!(line(path, Some("anna"), None, "box"), "scp 'anna@box:/pictures/it'\\''s.jpg' .");
        assert_eq!(line(Path::new("/caf\u{e9}.jpg"), None, None, "box"), "scp 'box:/caf\u{e9}.jpg' .");
        let connection = Some("198.51.100.7 5123 192.0.2.1 22");
        assert_eq!(line(Path::new("/a.jpg"), None, connection, "box"), "scp '192.0.2.1:/a.jpg' .");
        let other = Some("2001:db8::7 5123 2001:db8::1 2222");
        assert_eq!(line(Path::new("/a.jpg"), Some("b"), other, "box"), "scp -P 2222 'b@[2001:db8::1]:/a.jpg' .");
    }
    #[cfg(target_os = "linux")]
    #[test]
    fn a_shell_makes_the_bytes_of_it_whatever_they_are() {
        use std::os::unix::ffi::OsStrExt;
        for name in [&b"/caf\xe91.jpg"[..], b"/it's \\ \x1b[31m\xe9.jpg", "/a\u{202e}b\n.jpg".as_bytes()] {
            let line = line(Path::new(std::ffi::OsStr::from_bytes(name)), None, None, "box");
            assert!(line.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{line}");
            let words = line.replace("scp ", "printf %s ").replace(" .", "");
            let made = std::process::Command::new("bash").args(["-c", &words]).output().unwrap().stdout;
            assert_eq!(made, [b"box:", name].concat(), "{line}");
        }
    }
}
