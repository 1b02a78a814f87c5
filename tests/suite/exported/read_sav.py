# What pyreadstat reads in an SPSS file, as JSON.
import json
import sys

import pyreadstat

frame, meta = pyreadstat.read_sav(
    sys.argv[1], user_missing=True, output_format="dict"
)
columns = {name: list(frame[name]) for name in meta.column_names}
numeric = {
    name: values
    for name, values in columns.items()
    if meta.readstat_variable_types[name] != "string"
}
by_name = {
    name: sorted(part["lo"] for part in parts)
    for name, parts in meta.missing_ranges.items()
}
print(
    json.dumps(
        {
            "rows": meta.number_rows,
            "names": meta.column_names,
            "types": meta.readstat_variable_types,
            "labels": meta.column_names_to_labels,
            "value_labels": {
                name: {str(float(code)): label for code, label in labels.items()}
                for name, labels in meta.variable_value_labels.items()
            },
            "sums": {name: sum(values) for name, values in numeric.items()},
            "ranges": by_name,
            "sets": len(meta.mr_sets or {}),
        }
    )
)
