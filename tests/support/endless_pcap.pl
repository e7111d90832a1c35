# Writes a pcap of small TCP packets to standard output until nobody reads it any more. perl endless_pcap.pl
use strict;
use warnings;

my $frame = pack('H*', '02005e10000106112233445508004500002800010000' . '40060000' . 'c6336407cb007109'
        . '04d201bb0000000100000000501001000000' . '0000') . "\0" x 6;
my $packet = pack('LLLL', 1700000000, 0, length $frame, length $frame) . $frame;
my $many   = $packet x 4096;

$SIG{PIPE} = 'IGNORE';
my $head = pack('LSSlLLL', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1);    # www.tcpdump.org: pcap-savefile(5)
syswrite(STDOUT, $head) or exit;
while (defined(my $done = syswrite(STDOUT, $many))) {
    while ($done < length $many) {
        $done += syswrite(STDOUT, $many, length($many) - $done, $done) || exit;
    }
}
