//! The headers on every reply, and whom a request may come from: `Host` and `Origin`.

use std::net::{IpAddr, SocketAddr};

use super::http::{Request, Response};

/// What a page may load and do: only what comes from here, and no script in the text.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    font-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// [`POLICY`] for `preview` alone, which shows pages in frames of several sizes: what the page may
/// show in frames, and who may show it in one.
pub fn framed_policy(frames: &str, ancestors: &str) -> String {
    let framing = format!("frame-src {frames}; frame-ancestors {ancestors}");
    POLICY.replace("frame-ancestors 'none'", &framing)
}

/// Every feature a browser can switch off that a survey has no use for.
const PERMISSIONS: &str = "accelerometer=(), ambient-light-sensor=(), autoplay=(), battery=(), \
    bluetooth=(), browsing-topics=(), camera=(), clipboard-read=(), clipboard-write=(), \
    display-capture=(), document-domain=(), encrypted-media=(), fullscreen=(), gamepad=(), \
    geolocation=(), gyroscope=(), hid=(), identity-credentials-get=(), idle-detection=(), \
    local-fonts=(), magnetometer=(), microphone=(), midi=(), otp-credentials=(), payment=(), \
    picture-in-picture=(), publickey-credentials-create=(), publickey-credentials-get=(), \
    screen-wake-lock=(), serial=(), speaker-selection=(), storage-access=(), usb=(), \
    web-share=(), window-management=(), xr-spatial-tracking=()";

const ALWAYS: [(&str, &str); 5] = [
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    // Not no-referrer: with it Chromium sends `Origin: null` on a form's POST (tried).
    ("Referrer-Policy", "same-origin"),
    ("Permissions-Policy", PERMISSIONS),
    ("Cross-Origin-Opener-Policy", "same-origin"),
];

/// Adds the headers every reply has; one that the handler set itself stays as it is.
///
/// `path` decides about caching: a good reply for an asset with a hash in its name never changes,
/// everything else is not stored, so that nothing of one visitor is left for the next.
pub fn complete(response: &mut Response, path: &str) {
    for (name, value) in ALWAYS {
        add_missing(response, name, value);
    }
    let forever = response.status == 200 && is_hashed_asset(path);
    let caching = if forever { "public, max-age=31536000, immutable" } else { "no-store" };
    add_missing(response, "Cache-Control", caching);
}

fn add_missing(response: &mut Response, name: &'static str, value: &str) {
    if !response.headers.iter().any(|(there, _)| there.eq_ignore_ascii_case(name)) {
        response.headers.push((name, value.to_owned()));
    }
}

/// Whether every header can be sent as it is; bytes beyond ASCII are percent-encoded on the way.
///
/// tiny_http writes whatever it is given: a line break in a value would begin another header.
pub fn are_clean(response: &mut Response) -> bool {
    for (_, value) in &mut response.headers {
        if !value.is_ascii() {
            *value = percent_encoded(value);
        }
    }
    response.headers.iter().all(|(name, value)| {
        let token = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        !name.is_empty() && name.bytes().all(token) && !value.bytes().any(|b| b.is_ascii_control())
    })
}

fn percent_encoded(value: &str) -> String {
    let mut text = String::with_capacity(value.len() + 8);
    for byte in value.bytes() {
        if byte.is_ascii() {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

/// `/assets/NAME.HASH.EXT` with at least eight hex digits.
pub fn is_hashed_asset(path: &str) -> bool {
    let Some((_, file)) = path.strip_prefix("/assets/").and_then(|_| path.rsplit_once('/')) else {
        return false;
    };
    let mut parts = file.rsplit('.');
    let (extension, hash, name) = (parts.next(), parts.next(), parts.next());
    let hex = |hash: &str| hash.len() >= 8 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    extension.is_some() && name.is_some() && hash.is_some_and(hex)
}

/// The hosts this server answers for.
#[derive(Debug, Clone)]
pub struct Hosts {
    listen: SocketAddr,
    /// Lower case, `name` (the usual ports) or `name:port`.
    settings: Vec<String>,
}

impl Hosts {
    /// The listen address is always one; `settings` are further ones, `name` or `name:port`.
    pub fn new(listen: SocketAddr, settings: &[String]) -> Hosts {
        let settings = settings.iter().map(|host| host.trim().to_ascii_lowercase()).collect();
        Hosts { listen, settings }
    }

    /// Whether the request was made on this very machine.
    pub fn is_own_machine(&self, request: &Request) -> bool {
        request.peer.is_loopback() || request.peer == self.listen.ip()
    }

    /// Whether the request names one of them in `Host`: a page elsewhere whose name was pointed
    /// at this machine (DNS rebinding) does not.
    pub fn host_allowed(&self, request: &Request) -> bool {
        let mut named = request.headers.iter().filter(|(name, _)| name == "host");
        match (named.next(), named.next()) {
            // Whether TLS ended before us cannot be seen: both usual ports count as none given.
            (Some((_, host)), None) => self.allows(host, &[80, 443]),
            _ => false,
        }
    }

    /// Whether a POST comes from a page of ours.
    ///
    /// `Origin` equals an allowed host; or it is `null` or absent, and `Sec-Fetch-Site` says
    /// same-origin or is absent too (an old browser, or no browser at all).
    pub fn origin_allowed(&self, request: &Request) -> bool {
        let of = |wanted: &'static str| {
            request.headers.iter().filter(move |(name, _)| name == wanted).map(|(_, value)| value)
        };
        let same_site = || of("sec-fetch-site").all(|site| site == "same-origin");
        let mut origins = of("origin");
        match (origins.next().map(String::as_str), origins.next()) {
            (None | Some("null"), None) => same_site(),
            (Some(origin), None) => self.allows_origin(origin),
            (_, Some(_)) => false,
        }
    }

    fn allows_origin(&self, origin: &str) -> bool {
        match origin.split_once("://") {
            Some(("http", host)) => self.allows(host, &[80]),
            Some(("https", host)) => self.allows(host, &[443]),
            _ => false,
        }
    }

    /// `usual` are the ports that go without saying.
    fn allows(&self, host: &str, usual: &[u16]) -> bool {
        let host = host.to_ascii_lowercase();
        let Some((name, port)) = split(&host) else { return false };
        let ports = port.map_or(usual.to_vec(), |port| vec![port]);
        self.is_listen_address(name, &ports)
            || self.settings.iter().filter_map(|allowed| split(allowed)).any(|(known, its)| {
                known == name
                    && ports.iter().any(|port| its.map_or(usual.contains(port), |its| its == *port))
            })
    }

    fn is_listen_address(&self, name: &str, ports: &[u16]) -> bool {
        if !ports.contains(&self.listen.port()) {
            return false;
        }
        let ip = self.listen.ip();
        let literal = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        match literal {
            // Listening everywhere, any address of the machine reaches us, and an address
            // (unlike a name) cannot be pointed elsewhere.
            Ok(literal) => literal == ip || ip.is_unspecified(),
            Err(_) => name == "localhost" && (ip.is_loopback() || ip.is_unspecified()),
        }
    }
}

/// A host's name and port; `None` where the port is no port or something follows it.
fn split(host: &str) -> Option<(&str, Option<u16>)> {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, Some(port)),
        _ => (host, None),
    };
    let digits = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let good = !name.is_empty() && !name.contains(['/', '@', '?', '#', ' ']);
    match port {
        _ if !good => None,
        None => Some((name, None)),
        Some(port) if digits(port) => Some((name, Some(port.parse().ok()?))),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests;
