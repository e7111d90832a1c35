# Both ends of TCP connections that go well and badly, with the socket options that Deno has no name
# for. The server prints "ready" when it listens, the client what it has done, a line each.
#
#     perl tcp_peer.pl serve ADDRESS...
#     perl tcp_peer.pl connect ADDRESS...
#     perl tcp_peer.pl bulk ADDRESS...
use strict;
use warnings;
use Socket qw(:DEFAULT getaddrinfo IPPROTO_TCP TCP_NODELAY SOCK_STREAM SOL_SOCKET SO_LINGER
  SO_RCVBUF SO_KEEPALIVE SO_REUSEADDR AI_NUMERICHOST);

my $BULK_BYTES = 300_000;
my ($SINK, $SLOW, $RESET, $IDLE, $CLOSED, $SILENT) = (7001, 7002, 7003, 7004, 7009, 7010);
my $SOURCE = 7005;
# netinet/tcp.h
my ($TCP_KEEPIDLE, $TCP_KEEPINTVL) = (4, 5);

$SIG{ALRM} = sub { die "tcp_peer.pl: no end after 300 s\n" };
alarm 300;

sub address_of {
  my ($host, $port) = @_;
  my ($error, $found) = getaddrinfo($host, $port, { flags => AI_NUMERICHOST, socktype => SOCK_STREAM });
  die "$host: $error\n" if $error;
  return $found;
}

sub opened {
  my ($host, $port) = @_;
  my $address = address_of($host, $port);
  socket(my $socket, $address->{family}, SOCK_STREAM, IPPROTO_TCP) or die "socket: $!\n";
  return ($socket, $address->{addr});
}

sub listening {
  my ($host, $port) = @_;
  my ($socket, $address) = opened($host, $port);
  setsockopt($socket, SOL_SOCKET, SO_REUSEADDR, 1);
  # Before the connection: the window is agreed on with the first packets.
  setsockopt($socket, SOL_SOCKET, SO_RCVBUF, 4096) if $port == $SLOW;
  bind($socket, $address) or die "bind $host $port: $!\n";
  listen($socket, 8) or die "listen: $!\n";
  return $socket;
}

sub serve_one {
  my ($port, $peer) = @_;
  my $data;
  if ($port == $RESET) {
    sysread($peer, $data, 1);
    setsockopt($peer, SOL_SOCKET, SO_LINGER, pack("ii", 1, 0));
    close $peer;
    return;
  }
  send_all($peer, $BULK_BYTES) if $port == $SOURCE;
  # Long enough for the window to close, and for a probe of it.
  select(undef, undef, undef, 0.8) if $port == $SLOW;
  1 while sysread($peer, $data, 65536);
  close $peer;
}

# One connection at a time, as the client makes them.
sub serve {
  my (%sockets, $waiting);
  $waiting = "";
  for my $host (@_) {
    for my $port ($SINK, $SLOW, $RESET, $IDLE, $SOURCE) {
      my $socket = listening($host, $port);
      $sockets{fileno $socket} = [$port, $socket];
      vec($waiting, fileno $socket, 1) = 1;
    }
  }
  $| = 1;
  print "ready\n";
  while (select(my $ready = $waiting, undef, undef, undef) > 0) {
    for my $number (grep { vec($ready, $_, 1) } keys %sockets) {
      my ($port, $socket) = @{$sockets{$number}};
      my $peer;
      serve_one($port, $peer) if accept($peer, $socket);
    }
  }
}

sub connected {
  my ($host, $port) = @_;
  my ($socket, $address) = opened($host, $port);
  my $done = connect($socket, $address);
  return $done ? $socket : undef;
}

sub send_all {
  my ($socket, $bytes) = @_;
  while ($bytes > 0) {
    my $sent = syswrite($socket, "x" x ($bytes < 16384 ? $bytes : 16384));
    die "write: $!\n" unless defined $sent;
    $bytes -= $sent;
  }
}

# Waits for the other side's FIN, so that the connection is over.
sub finish {
  my ($socket) = @_;
  shutdown($socket, 1);
  sysread($socket, my $data, 1);
  close $socket;
}

# Much data to the other side, then much from there.
sub bulk_all {
  for my $host (@_) {
    my $sink = connected($host, $SINK) or die "connect: $!\n";
    send_all($sink, $BULK_BYTES);
    finish($sink);

    my $source = connected($host, $SOURCE) or die "connect: $!\n";
    my $got = 0;
    while ($got < $BULK_BYTES) {
      my $bytes = sysread($source, my $data, 65536) or die "read: $!\n";
      $got += $bytes;
    }
    finish($source);
  }
}

sub connect_all {
  $| = 1;
  for my $host (@_) {
    my $bulk = connected($host, $SINK) or die "connect: $!\n";
    send_all($bulk, $BULK_BYTES);
    finish($bulk);
    print "bulk\n";

    my $slow = connected($host, $SLOW) or die "connect: $!\n";
    send_all($slow, 60_000);
    finish($slow);
    print "slow\n";

    my $reset = connected($host, $RESET) or die "connect: $!\n";
    syswrite($reset, "x");
    sysread($reset, my $data, 1);
    close $reset;
    print "reset\n";

    my $idle = connected($host, $IDLE) or die "connect: $!\n";
    setsockopt($idle, SOL_SOCKET, SO_KEEPALIVE, 1);
    setsockopt($idle, IPPROTO_TCP, $TCP_KEEPIDLE, 1);
    setsockopt($idle, IPPROTO_TCP, $TCP_KEEPINTVL, 1);
    syswrite($idle, "hello");
    select(undef, undef, undef, 2.5);
    finish($idle);
    print "idle\n";

    die "a closed port took the connection\n" if connected($host, $CLOSED);
    print "refused\n";

    # Left open: the program ends while its SYN is on the way.
    my ($silent, $address) = opened($host, $SILENT);
    local $SIG{ALRM} = sub { die "too long\n" };
    alarm 2;
    eval { connect($silent, $address) };
    alarm 60;
    print "unanswered\n";
  }
}

my ($command, @hosts) = @ARGV;
$command eq "serve" ? serve(@hosts) : $command eq "bulk" ? bulk_all(@hosts) : connect_all(@hosts);
