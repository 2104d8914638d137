//! A server that speaks no TLS: what it says instead.

/// Whether what a server has said first can be TLS: a record of a known kind, of version 3.
pub fn is_tls(beginning: &[u8]) -> bool {
    let mut bytes = beginning.iter();
    bytes.next().is_none_or(|kind| (20..=24).contains(kind))
        && bytes.next().is_none_or(|version| *version == 3)
}

/// Whether its first line is there, or none will come.
pub fn is_whole(beginning: &[u8], most: usize) -> bool {
    beginning.contains(&b'\n') || beginning.len() >= most || !is_text(beginning)
}

/// What the server is, in words.
pub fn describe(beginning: &[u8]) -> String {
    if !is_text(beginning) {
        let bytes: Vec<_> = beginning
            .iter()
            .take(8)
            .map(|it| format!("{it:02x}"))
            .collect();
        return format!(
            "the server does not speak TLS: it begins with {}",
            bytes.join(" ")
        );
    }
    let text = String::from_utf8_lossy(beginning);
    let line = text.lines().next().unwrap_or_default().trim_end();
    let language = if line.starts_with("HTTP/") {
        "the server speaks HTTP without TLS"
    } else if line.starts_with("SSH-") {
        "the server speaks SSH, and not TLS"
    } else {
        "the server does not speak TLS"
    };
    format!("{language}: it says \"{line}\"")
}

/// Whether a person can read it.
fn is_text(bytes: &[u8]) -> bool {
    let is_readable = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~' | 0x80..);
    bytes.iter().all(is_readable)
}
