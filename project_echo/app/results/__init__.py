"""Results of screenings: events with filters, activity, map, exports."""
