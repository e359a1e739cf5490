# Writes the tables of SPEC 10 into a folder: python3 generate.py FOLDER. Python's decimal rounds exp and ln correctly,
# so 40 digits settle every entry; prints how near the nearest one is to a tie.
from decimal import Decimal as D, getcontext, ROUND_HALF_EVEN
import os, sys
getcontext().prec = 40
out = sys.argv[1]
closest = D(1)
def r(x):
    global closest
    i = x.to_integral_value(ROUND_HALF_EVEN)
    closest = min(closest, abs(abs(x - i) - D('0.5')))
    return int(i)
def write(name, values):
    open(os.path.join(out, name), 'w', newline='').write(''.join(f'{v}\n' for v in values))
write('exponential.txt', [r(65536 * (-D(d) / 256).exp()) for d in range(3018)])
mantissas, shifts = [], []
for i in range(3785):
    x, shift = 64 * (D(i - 768) / 256).exp() / 256, 0   # 64 sigma = x * 2^8
    while x < 2 ** 14: x, shift = x * 2, shift + 1
    if r(x) == 2 ** 15: x, shift = x / 2, shift - 1
    mantissas.append(r(x)); shifts.append(shift)
write('sigma-mantissa.txt', mantissas); write('sigma-shift.txt', shifts)
write('log-fine.txt', [r(1024 * (1 + D(i) / 288).ln()) for i in range(19201)])
write('log-coarse.txt', [r(1024 * (1 + D(i) / 36).ln()) for i in range(25601)])
print('%.2e' % closest, min(mantissas), max(mantissas), min(shifts), max(shifts))
