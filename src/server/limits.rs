//! What the edge lets through: every limit in one place, with its unit and where it comes from.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::error_page;
use super::http::Response;

/// Makes the page for a status the edge itself answers with (400, 408, 413, 500, 503 …).
pub type ErrorPage = Arc<dyn Fn(u16) -> Response + Send + Sync>;

/// The edge's limits. [`Limits::default`] is right for a kiosk and a central; tests shorten waits.
#[derive(Clone)]
pub struct Limits {
    /// Open connections; the rest waits in the backlog.
    pub connections_max: usize,
    /// Connections (behind the proxy: requests) at a time from one IPv4 address or IPv6 /64.
    pub per_address_max: Option<usize>,
    /// The proxy whose `X-Forwarded-For` is believed. Nobody else's is.
    pub trusted_proxy: Option<IpAddr>,
    /// From the first byte to the end of the head, as a whole, however slowly it drips.
    pub head: Duration,
    /// What `head`, `idle` and a pause in a body or a reply become when three quarters of the
    /// connections are taken: under attack the slow give way to the next visitor.
    pub crowded: Duration,
    /// A kept connection without a request. Longer than a browser pauses between two pages; nginx
    /// must keep its own upstream connections shorter (docs say 30 s).
    pub idle: Duration,
    /// A body's length in bytes.
    pub body_bytes_max: usize,
    /// The whole request: this, and one second more for every 16 KB (a poor mobile link).
    pub request: Duration,
    /// Requests inside at a time. Most of them wait for the disk, and those that wait together are stored
    /// together: with 16 a disk as slow as a kiosk's stored less than half as much (docs/performance.md).
    pub inside_max: usize,
    /// How long a whole request may wait to come inside before 503.
    pub slot_wait: Duration,
    /// How long a handler may take before the visitor gets 503.
    pub reply: Duration,
    /// Sending a reply: this, and one second more for every 16 KB.
    pub write: Duration,
    /// Server-sent event streams at a time, and downloads too large to hold in memory.
    pub streams_max: usize,
    /// Bytes of bodies and replies held for all clients together. With two thousand threads and what a
    /// kiosk needs anyway it stays below 64 MB.
    pub memory_bytes_max: usize,
    /// How long to wait for some of them before 503; longer than `crowded`, after which the slow go.
    pub memory_wait: Duration,
    /// How long `stop` lets what is inside finish.
    pub grace: Duration,
    /// The pages of the edge's own refusals.
    pub error_page: ErrorPage,
}

/// The smallest rate at which a link still counts as alive, in bytes a second.
const SLOWEST_BYTES_PER_SECOND: u64 = 16 * 1024;

/// File descriptors kept for the databases and the program itself, and some air.
const DESCRIPTORS_KEPT: usize = 32;

/// A request or a stream holds this many descriptors inside, besides its client's.
const DESCRIPTORS_INSIDE: usize = 3;

impl Default for Limits {
    fn default() -> Limits {
        let Shares { connections: connections_max, inside: inside_max, streams: streams_max } =
            shares(descriptors());
        Limits {
            connections_max,
            per_address_max: None,
            trusted_proxy: None,
            head: Duration::from_secs(10),
            crowded: Duration::from_secs(1),
            idle: Duration::from_secs(60),
            body_bytes_max: 1 << 20,
            request: Duration::from_secs(20),
            inside_max,
            slot_wait: Duration::from_secs(5),
            reply: Duration::from_secs(60),
            write: Duration::from_secs(20),
            streams_max,
            memory_bytes_max: 12 << 20,
            memory_wait: Duration::from_millis(1500),
            grace: Duration::from_secs(10),
            error_page: Arc::new(error_page::plain),
        }
    }
}

impl Limits {
    /// How long `bytes` may take where `base` is granted to the shortest.
    pub fn allowance(base: Duration, bytes: u64) -> Duration {
        base + Duration::from_secs(bytes / SLOWEST_BYTES_PER_SECOND)
    }
}

/// What fits into a process's file descriptors.
struct Shares {
    connections: usize,
    inside: usize,
    /// Of each of the two kinds.
    streams: usize,
}

fn shares(descriptors: usize) -> Shares {
    let inside = (descriptors / 16).clamp(4, 64);
    // Two kinds of streams, each with its own share: an eighth of what is free, at most 32.
    let free = descriptors.saturating_sub(DESCRIPTORS_KEPT + inside * DESCRIPTORS_INSIDE);
    let streams = (free / 16 / DESCRIPTORS_INSIDE).clamp(1, 32);
    let connections = free.saturating_sub(2 * streams * DESCRIPTORS_INSIDE).clamp(8, 2000);
    Shares { connections, inside, streams }
}

#[cfg(unix)]
fn descriptors() -> usize {
    use rustix::process::{Resource, getrlimit};
    let soft = getrlimit(Resource::Nofile).current;
    soft.map_or(usize::MAX, |soft| usize::try_from(soft).unwrap_or(usize::MAX))
}

#[cfg(not(unix))]
fn descriptors() -> usize {
    // Windows counts sockets otherwise and has far more than the cap.
    usize::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_descriptors_for_the_rest_of_the_process() {
        for descriptors in [0, 64, 100, 256, 1024, 20_000, usize::MAX] {
            let Shares { connections, inside, streams } = shares(descriptors);
            assert!((8..=2000).contains(&connections), "{descriptors}: {connections}");
            if descriptors >= 128 {
                let within = (inside + 2 * streams) * DESCRIPTORS_INSIDE;
                assert!(connections + within + DESCRIPTORS_KEPT <= descriptors);
            }
        }
        let (many, some) = (shares(20_000), shares(256));
        assert_eq!((many.connections, many.inside, some.inside), (2000, 64, 16));
    }

    #[test]
    fn grants_slow_links_time_for_what_they_carry() {
        let base = Duration::from_secs(20);
        assert_eq!(Limits::allowance(base, 100), base);
        assert_eq!(Limits::allowance(base, 1 << 20), base + Duration::from_secs(64));
    }
}
