// A Danish postcode.

KINDS.postcode = formatted((value) => (/^\d{4}$/.test(value) && value >= "0500" ? value : null));
