//! GNU screen: it makes window titles of APC sequences, hands DCS sequences on to the terminal around it, and takes colours of
//! 24 bits for others.

/// Whether it is what we run in. In tmux inside it, tmux is.
pub fn inside() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let named = || std::env::var("TERM").is_ok_and(|term| term.starts_with("screen"));
    !set("TMUX") && (set("STY") || named())
}
