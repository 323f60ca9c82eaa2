//! The addresses that `HOST:PORT` stands for.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::process::{Command, Stdio};

/// By the machine's resolver; none if it doesn't know the host.
pub fn addresses(host_and_port: &str) -> Vec<SocketAddr> {
    match host_and_port.parse() {
        Ok(address) => vec![address],
        // A static glibc loads parts of the machine's glibc for this, and crashes if the versions differ.
        Err(_) if cfg!(target_feature = "crt-static") => by_getent(host_and_port),
        Err(_) => host_and_port.to_socket_addrs().into_iter().flatten().collect(),
    }
}

/// By `getent`, a program of the machine.
fn by_getent(host_and_port: &str) -> Vec<SocketAddr> {
    let Some((host, port)) = host_and_port.rsplit_once(':') else { return Vec::new() };
    let (host, Ok(port)) = (host.trim_matches(['[', ']']), port.parse()) else { return Vec::new() };
    let asked = Command::new("getent").args(["ahosts", host]).stdin(Stdio::null()).stderr(Stdio::null()).output();
    let answer = asked.map(|output| output.stdout).unwrap_or_default();
    // `127.0.0.1  STREAM localhost`
    let address = |line: &str| Some(SocketAddr::new(line.split_whitespace().next()?.parse::<IpAddr>().ok()?, port));
    String::from_utf8_lossy(&answer).lines().filter_map(address).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_host_is_found_by_getent() {
        assert!(by_getent("127.0.0.1:7077").contains(&"127.0.0.1:7077".parse().unwrap()));
        assert!(by_getent("[::1]:7077").contains(&"[::1]:7077".parse().unwrap()));
        for wrong in ["127.0.0.1", "127.0.0.1:port", "no host:7077"] {
            assert_eq!(by_getent(wrong), [], "{wrong}");
        }
    }

    #[test]
    fn an_address_stands_for_itself() {
        assert_eq!(addresses("127.0.0.1:7077"), ["127.0.0.1:7077".parse().unwrap()]);
        assert_eq!(addresses("no host:7077"), []);
    }
}
