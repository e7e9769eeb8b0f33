"""Made-up works that are worth something and are not planned."""


def list_misfits(sites):
    """Some works without a month, for want of possession or, one, of months."""
    columns = ("site_id", "asset_id", "work_id", "section_id", "benefit")
    return [
        {
            **{name: row[name] for name in columns},
            "limit": "possession" if number else "months",
            "limit_id": row["section_id"],
            "needed": 40.0,
            "available": 12.0,
            "is_alone": number % 2 == 0,
        }
        for number, row in enumerate(sites[:200])
        if row["planned_month"] is None
    ]
