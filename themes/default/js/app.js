// Made by the script's author; the survey works without it.
