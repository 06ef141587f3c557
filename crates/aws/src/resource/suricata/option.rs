//! Options of a Suricata rule: what they ask of a packet beyond its header.
//!
//! Options that only describe a rule do not narrow it. Those that header and direction decide are decided. All others
//! make it a rule that *may* match what its header matches: those that look at what a packet carries only where it
//! carries something, the rest anywhere.
//!
//! SOURCE: Suricata 7 user guide, "Meta Keywords", "Flow Keywords" (`to_server` and `from_client` are one, `established`
//! means behind the handshake, `stateless` does not narrow), "Header Keywords" (`ip_proto`, `itype`), "Payload Keywords"
//! (checked 2026-11-26).
//! GAP: `threshold` and `tag` are taken for conditions that may hold or not.
use std::fmt;

/// Which way a packet goes in its conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::resource) enum Toward {
    Server,
    Client,
}

/// How far options that the header does not decide narrow a rule, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::resource) enum Narrowing {
    /// They do not.
    Not,
    /// To some packets, of any kind.
    Somehow,
    /// To some packets that carry something: none of a TCP handshake.
    Payload,
}

/// What the options of a rule ask.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::resource) struct Conditions {
    pub(in crate::resource) sid: Option<String>,
    pub(in crate::resource) priority: Option<u8>,
    pub(in crate::resource) toward: Option<Toward>,
    /// Whether the packet's conversation has been set up.
    pub(in crate::resource) established: Option<bool>,
    /// Whether there is a `flow` option at all: then the rule is about packets rather than about conversations.
    pub(in crate::resource) by_packet: bool,
    /// Protocol numbers, with `true` for those that it must not be.
    pub(in crate::resource) protocols: Vec<(u8, bool)>,
    pub(in crate::resource) icmp_type: Option<u8>,
    pub(in crate::resource) narrowing: Narrowing,
    /// Names of the options that narrow it.
    pub(in crate::resource) undecided: Vec<String>,
}

/// Options that say something about the rule and nothing about packets.
const DESCRIBING: &[&str] = &[
    "alert",
    "classtype",
    "gid",
    "metadata",
    "msg",
    "noalert",
    "priority",
    "reference",
    "rev",
    "sid",
    "target",
];

/// Options that say how another one looks.
const MODIFYING: &[&str] = &[
    "depth",
    "distance",
    "dotprefix",
    "endswith",
    "fast_pattern",
    "nocase",
    "offset",
    "rawbytes",
    "startswith",
    "to_lowercase",
    "within",
];

/// Options that look at what packets carry.
const CARRIED: &[&str] = &[
    "app-layer-event",
    "byte_extract",
    "byte_jump",
    "byte_math",
    "byte_test",
    "content",
    "isdataat",
    "pcre",
    "ssl_state",
    "ssl_version",
    "uricontent",
    "urilen",
];

/// Beginnings of the names of buffers of application protocols: `tls.sni`, `http.host`.
const BUFFERS: &[&str] = &[
    "dcerpc.", "dns.", "enip.", "file.", "ftp.", "http.", "http2.", "ike.", "ja3.", "ja3s.", "ja4.", "krb5.",
    "mqtt.", "nfs.", "quic.", "rdp.", "rfb.", "sip.", "smb.", "smtp.", "snmp.", "ssh.", "tls.",
];

impl Conditions {
    /// What options of these names and values ask. None that is written wrong is ignored: it narrows.
    pub(in crate::resource) fn of(options: impl IntoIterator<Item = (String, Option<String>)>) -> Self {
        let mut all = Self {
            sid: None,
            priority: None,
            toward: None,
            established: None,
            by_packet: false,
            protocols: Vec::new(),
            icmp_type: None,
            narrowing: Narrowing::Not,
            undecided: Vec::new(),
        };
        for (name, value) in options {
            let value = value.unwrap_or_default();
            let decided = match name.as_str() {
                "sid" => {
                    all.sid = Some(value.clone());
                    true
                }
                "priority" => {
                    all.priority = value.parse().ok();
                    true
                }
                "flow" => all.flow(&value),
                "ip_proto" => all.ip_proto(&value),
                "itype" => {
                    let kind = value.parse().ok();
                    let only = all.icmp_type.is_none();
                    if only {
                        all.icmp_type = kind;
                    }
                    only && kind.is_some()
                }
                "flowbits" | "xbits" | "hostbits" => {
                    let verb = value.split(',').next().unwrap_or_default().trim();
                    matches!(verb, "set" | "unset" | "toggle" | "noalert")
                }
                known => DESCRIBING.contains(&known) || MODIFYING.contains(&known),
            };
            if decided {
                continue;
            }
            let negated = value.starts_with('!');
            let looks =
                CARRIED.contains(&name.as_str()) || BUFFERS.iter().any(|begin| name.starts_with(begin));
            let narrowing = if looks && !negated { Narrowing::Payload } else { Narrowing::Somehow };
            all.narrowing = all.narrowing.max(narrowing);
            all.undecided.push(name);
        }
        all
    }

    /// Whether all of it is understood.
    fn flow(&mut self, value: &str) -> bool {
        self.by_packet = true;
        let mut understood = true;
        for word in value.split(',').map(str::trim) {
            match word {
                "to_server" | "from_client" => self.toward = Some(Toward::Server),
                "to_client" | "from_server" => self.toward = Some(Toward::Client),
                "established" => self.established = Some(true),
                "not_established" => self.established = Some(false),
                "stateless" | "no_frag" => {}
                _ => understood = false,
            }
        }
        understood
    }

    fn ip_proto(&mut self, value: &str) -> bool {
        let (negated, name) = match value.strip_prefix('!') {
            Some(name) => (true, name.trim()),
            None => (false, value),
        };
        let number = match name.to_ascii_lowercase().as_str() {
            "icmp" => Some(1),
            "tcp" => Some(6),
            "udp" => Some(17),
            "ipv6-icmp" | "icmpv6" => Some(58),
            other => other.parse().ok(),
        };
        self.protocols.extend(number.map(|number| (number, negated)));
        number.is_some()
    }
}

impl fmt::Display for Conditions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = Vec::new();
        words.extend(self.sid.as_ref().map(|sid| format!("sid {sid}")));
        words.extend(self.priority.map(|priority| format!("priority {priority}")));
        words.extend(self.toward.map(|toward| match toward {
            Toward::Server => "to server".to_owned(),
            Toward::Client => "to client".to_owned(),
        }));
        words.extend(
            self.established.map(|yes| if yes { "established" } else { "not established" }.to_owned()),
        );
        for (number, negated) in &self.protocols {
            words.push(format!("protocol {}{number}", if *negated { "!" } else { "" }));
        }
        words.extend(self.icmp_type.map(|kind| format!("type {kind}")));
        let undecided = self.undecided.join(", ");
        match self.narrowing {
            Narrowing::Not => {}
            Narrowing::Somehow => words.push(format!("perhaps ({undecided})")),
            Narrowing::Payload => words.push(format!("payload ({undecided})")),
        }
        f.write_str(&words.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_understood_is_decided() {
        let option = |name: &str, value: &str| (name.to_owned(), Some(value.to_owned()));
        let text = |options: Vec<(String, Option<String>)>| Conditions::of(options).to_string();
        assert_eq!(text(vec![option("flow", "from_client, not_established")]), "to server, not established");
        assert_eq!(text(vec![option("flow", "to_server,only_stream")]), "to server, perhaps (flow)");
        assert_eq!(
            text(vec![option("ip_proto", "!TCP"), option("ip_proto", "47"), option("itype", "8")]),
            "protocol !6, protocol 47, type 8"
        );
        assert_eq!(
            text(vec![option("ip_proto", ">6"), option("itype", "8<>20")]),
            "perhaps (ip_proto, itype)"
        );
        assert_eq!(text(vec![option("flowbits", "set,x")]), "");
        assert_eq!(
            text(vec![option("flowbits", "isset,x"), option("content", "!\"x\"")]),
            "perhaps (flowbits, content)"
        );
        assert_eq!(
            text(vec![option("geoip", "dst,RU"), option("content", "\"x\"")]),
            "payload (geoip, content)"
        );
    }
}
