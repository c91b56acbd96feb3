"""The duty officer's console: pages for one contact point, live, behind a sign-in.

tables     accounts and sessions
passwords  how a password is kept, and a one-time password made
accounts   who may sign in, and who is signed in
attempts   how often somebody may try
board      what the board shows, in which order
feed       the boards that are open, kept up to date
region     the map
page       an alert's page, in words
app        the routes
guard      headers, cookies, and that a request comes from our own page

What may be seen is decided by `consumers.records`, as for everybody else; every look is in the audit first.
"""
