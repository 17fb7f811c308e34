"""Money of ads: held at the win, settled at the billable event, released at the time-out."""
