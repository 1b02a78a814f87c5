//! Why the gate turns a request away, and with which status.

/// A reason of the gate's own; handlers never see such a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// A line feed without its carriage return.
    BareLineFeed,
    /// A control character in the head, or a carriage return without its line feed.
    ControlCharacter,
    Syntax,
    /// The address is absolute, or not one at all.
    Target,
    TargetTooLong,
    Version,
    Method,
    Host,
    HostMissing,
    HostTwice,
    Length,
    LengthMissing,
    LengthTwice,
    TransferEncoding,
    Expectation,
    /// GET or HEAD with a body.
    BodyUnexpected,
    BodyTooLarge,
    HeadTooLarge,
    TooManyHeaders,
    /// Head or body did not arrive in time.
    TooSlow,
    /// Too much at a time from this address.
    TooMany,
    /// No place inside, no answer from inside in time, or no memory left for it.
    Busy,
}

impl Refusal {
    /// The status it is answered with.
    pub fn status(self) -> u16 {
        match self {
            Refusal::BareLineFeed
            | Refusal::ControlCharacter
            | Refusal::Syntax
            | Refusal::Target
            | Refusal::Host
            | Refusal::HostMissing
            | Refusal::HostTwice
            | Refusal::Length
            | Refusal::LengthTwice
            | Refusal::BodyUnexpected => 400,
            Refusal::Method => 405,
            Refusal::TooSlow => 408,
            Refusal::LengthMissing => 411,
            Refusal::BodyTooLarge => 413,
            Refusal::TargetTooLong => 414,
            Refusal::Expectation => 417,
            Refusal::TooMany => 429,
            Refusal::HeadTooLarge | Refusal::TooManyHeaders => 431,
            Refusal::TransferEncoding => 501,
            Refusal::Busy => 503,
            Refusal::Version => 505,
        }
    }
}
