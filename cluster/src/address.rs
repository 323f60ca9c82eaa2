//! Resolves addresses, and decides which ones are allowed.

use std::net::{SocketAddr, ToSocketAddrs};

use anyhow::{Context, Result, bail};

/// The addresses of `HOST:PORT`, at least one.
pub fn resolve(text: &str) -> Result<Vec<SocketAddr>> {
    let found: Vec<_> = text
        .to_socket_addrs()
        .with_context(|| format!("{text}: not a valid address; expected HOST:PORT, such as 127.0.0.1:50050"))?
        .collect();
    if found.is_empty() {
        bail!("{text}: the name has no address");
    }
    Ok(found)
}

/// Refuses addresses that aren't loopback, unless the network is trusted.
pub fn refuse_untrusted(text: &str, addresses: &[SocketAddr], trusted: bool) -> Result<()> {
    if trusted || addresses.iter().all(|address| address.ip().is_loopback()) {
        return Ok(());
    }
    bail!(
        "{text} is not a loopback address. Ballista has no authentication and no encryption: anyone who can connect there, \
         or answer there, can run programs and read and write files as the worker's user. Use an SSH tunnel, or add \
         --trusted-network if everyone on that network may do that"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, trusted: bool) -> Result<()> {
        refuse_untrusted(text, &resolve(text)?, trusted)
    }

    #[test]
    fn loopback_needs_no_trust_and_all_else_does() {
        for text in ["127.0.0.1:50050", "127.8.9.1:1", "[::1]:50050", "localhost:50050"] {
            check(text, false).unwrap();
        }
        for text in ["0.0.0.0:50050", "[::]:50050", "192.168.1.7:50050"] {
            let refusal = check(text, false).unwrap_err().to_string();
            assert!(refusal.contains(text) && refusal.contains("--trusted-network"), "{refusal}");
            check(text, true).unwrap();
        }
    }

    #[test]
    fn what_is_no_address_is_named() {
        for text in ["", "127.0.0.1", "127.0.0.1:x"] {
            assert!(resolve(text).unwrap_err().to_string().contains("HOST:PORT"));
        }
    }
}
