"""Intake, release and outputs of the provincial IP-credit warehouse; its rules are SQL in `dbt_project/`."""
