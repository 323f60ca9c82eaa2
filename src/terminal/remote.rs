//! How somebody at the other end of a connection fetches a file from here.

use std::path::Path;

/// A command line for the other end: `scp 'anna@192.0.2.1:/pictures/duck.jpg' .`. By the address that the connection was made to, where
/// there is one; else by this machine's name.
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

/// `connection`: what SSH says: the client's address and port, then the server's.
fn line(path: &Path, user: Option<&str>, connection: Option<&str>, host: &str) -> String {
    let server: Vec<&str> = connection.into_iter().flat_map(str::split_whitespace).skip(2).collect();
    let (host, port) = match server[..] {
        [address, port] => (address.to_owned(), port),
        _ => (host.to_owned(), "22"),
    };
    let host = if host.contains(':') { format!("[{host}]") } else { host };
    let user = user.map_or_else(String::new, |user| format!("{user}@"));
    let port = if port == "22" { String::new() } else { format!("-P {port} ") };
    let quoted = format!("{user}{host}:{}", crate::shown::path(path)).replace('\'', "'\\''");
    format!("scp {port}'{quoted}' .")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_fetched_from_where_the_connection_was_made_to() {
        let path = Path::new("/pictures/it's.jpg");
        assert_eq!(line(path, Some("anna"), None, "box"), "scp 'anna@box:/pictures/it'\\''s.jpg' .");
        let connection = Some("198.51.100.7 5123 192.0.2.1 22");
        assert_eq!(line(Path::new("/a.jpg"), None, connection, "box"), "scp '192.0.2.1:/a.jpg' .");
        let other = Some("2001:db8::7 5123 2001:db8::1 2222");
        assert_eq!(line(Path::new("/a.jpg"), Some("b"), other, "box"), "scp -P 2222 'b@[2001:db8::1]:/a.jpg' .");
    }
}
