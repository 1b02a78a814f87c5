//! Mistakes that are planted to see that the simulation finds them.

/// A mistake somebody could make in the protocol or in a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bug {
    /// A kiosk thanks for what is not on the disk.
    ThanksEarly,
    /// A kiosk takes the writing of a stick for an acknowledgement.
    StickIsReceipt,
    /// A kiosk takes any receipt for the one of its batch.
    AnyReceipt,
    /// A kiosk lets go of what is acknowledged before it is in a backup.
    EmptiesEarly,
    /// A kiosk sends nothing again to a central that has less than it said before.
    NoRewind,
    /// A kiosk does not notice that it is an old copy by its number.
    OldCopyUnnoticed,
    /// A kiosk does not notice that it is an old copy by the row at its number.
    NoTip,
    /// A kiosk that begins another epoch sends only what is new.
    NewEpochSendsNothing,
    /// A kiosk passes over rows its disk lost and does not say so.
    HidesLost,
    /// A central signs for a batch before it is committed.
    AcknowledgesEarly,
    /// Of a transaction that was cut off, half stays.
    HalfTransaction,
    /// A central does not look whether it knows a uid.
    NoDupCheck,
    /// The second content under a uid replaces the first.
    Overwrites,
    /// A second content under a uid is dropped.
    DropsSecond,
    /// The watermark passes over gaps.
    JumpsGaps,
    /// Rows of an unknown version are dropped.
    DropsUnknown,
    /// A central forgets which numbers were given up.
    ForgetsLost,
    /// A central does not notice that one number came twice.
    NoTwinCheck,
    /// A revoked kiosk is let in.
    LetsRevokedIn,
    /// A row that cannot be stored stops all that come after it.
    PoisonBlocks,
}

impl Bug {
    pub const ALL: [Bug; 20] = [
        Bug::ThanksEarly,
        Bug::StickIsReceipt,
        Bug::AnyReceipt,
        Bug::EmptiesEarly,
        Bug::NoRewind,
        Bug::OldCopyUnnoticed,
        Bug::NoTip,
        Bug::NewEpochSendsNothing,
        Bug::HidesLost,
        Bug::AcknowledgesEarly,
        Bug::HalfTransaction,
        Bug::NoDupCheck,
        Bug::Overwrites,
        Bug::DropsSecond,
        Bug::JumpsGaps,
        Bug::DropsUnknown,
        Bug::ForgetsLost,
        Bug::NoTwinCheck,
        Bug::LetsRevokedIn,
        Bug::PoisonBlocks,
    ];
}
