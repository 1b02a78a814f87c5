//! Field mode: one machine serves the tablets of a street event over a wireless network of its own.

use std::net::{IpAddr, SocketAddr, UdpSocket};

use crate::console::say;
use crate::error::Result;
use crate::site::qr::terminal;

/// Says where tablets find the kiosk, if it can be reached from elsewhere, and what that means.
pub fn announce(listening: SocketAddr) -> Result<()> {
    if listening.ip().is_loopback() {
        return Ok(());
    }
    let own = match listening.ip() {
        ip if ip.is_unspecified() => own_address(),
        ip => Some(ip),
    };
    match own {
        Some(ip) => {
            let address = format!("http://{}/kiosk/", SocketAddr::new(ip, listening.port()));
            say!("tablets open {address}")?;
            say!("{}", terminal(&address).unwrap_or_default())?;
        }
        None => say!("tablets open http://ADDRESS:{}/kiosk/", listening.port())?,
    }
    if listening.ip().is_unspecified() {
        say!(
            "`ip -brief address` names this machine's addresses: where it has several, tablets need \
             that of their own network"
        )?;
    }
    say!(
        "note: what is typed on a tablet travels unencrypted as far as here, so the wireless network \
         must be encrypted (WPA2 or WPA3) and this event's own; here it is sealed as ever\n\
         note: the page for staff opens on this machine alone"
    )
}

/// The address by which this machine would leave: asking for a way sends nothing.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind(("0.0.0.0", 0)).ok()?;
    // An address for documentation (RFC 5737): nobody is there.
    socket.connect(("192.0.2.1", 9)).ok()?;
    socket.local_addr().ok().map(|address| address.ip())
}
