# What frictionless says of a data package, as JSON.
import json
import os
import sys

import frictionless

folder, name = os.path.split(sys.argv[1])
os.chdir(folder)
report = frictionless.validate(name)
errors = [
    error.message for task in report.tasks for error in task.errors
] + [error.message for error in report.errors]
print(json.dumps({"valid": report.valid, "errors": errors[:5]}))
