"""The duty desk: what was assigned to one contact point, on one screen, with what its officers answered.

alerts    one alert as the contact point may see it
answers   verdicts of the contact point, and what they come to
harmless  text from outside, fit for a terminal
model     the desk, what it is told, and what it asks to be done
order     which alerts are listed, in which order, and the selection
news      what news changes
keys      bytes of a terminal as keys
actions   what a key does
words     codes in words
screen    the desk drawn as a table
detail    one alert drawn whole
feed      the delivery tables, read again whenever they say that something is new

All but the feed is pure: values in, values out.
"""
