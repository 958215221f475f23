"""The tag dictionary as data: tag · name · format · bytes · source · templates (card-hardware.md E.10).

Formats: ``n`` packed digits, right-justified; ``cn`` packed digits padded with F; ``an``, ``ans``, ``a`` text; ``b``
bytes; ``dol`` a data object list; ``t`` a template.  Sources: C card, T terminal, I issuer, K kernel.
"""

TABLE = """
42|issuer identification number|n|3|C|BF0C 73
4F|ADF name|b|5-16|C|61
50|application label|ans|1-16|C|61 A5
52|command to perform|b|-|C|61
56|track 1 data|ans|-76|C|
57|track 2 equivalent data|b|-19|C|70 77
5A|PAN|cn|-10|C|70 77
5F20|cardholder name|ans|2-26|C|70 77
5F24|application expiration date|n|3|C|70 77
5F25|application effective date|n|3|C|70 77
5F28|issuer country code|n|2|C|70 77
5F2A|transaction currency code|n|2|T|
5F2D|language preference|an|2-8|C|A5
5F30|service code|n|2|C|70 77
5F34|PAN sequence number|n|1|C|70 77
5F36|transaction currency exponent|n|1|T|
5F50|issuer URL|ans|-|C|BF0C 73
5F53|IBAN|b|-34|C|BF0C 73
5F54|bank identifier code|b|8-11|C|BF0C 73
5F55|issuer country code, alpha-2|a|2|C|BF0C 73
5F56|issuer country code, alpha-3|a|3|C|BF0C 73
5F57|account type|n|1|T|
61|application template|t|-252|C|70
6F|FCI template|t|-252|C|
70|record template|t|-252|C|
71|issuer script template 1|t|-|I|
72|issuer script template 2|t|-|I|
73|directory discretionary template|t|-252|C|61
77|response template, format 2|t|-|C|
80|response template, format 1|b|-|C|
81|amount, authorised (binary)|b|4|T|
82|application interchange profile|b|2|C|77
83|command template|b|-|T|
84|dedicated file name|b|5-16|C|6F
86|issuer script command|b|-261|I|71 72
87|application priority indicator|b|1|C|61 A5
88|short file identifier|b|1|C|A5
89|authorisation code|an|6|I|
8A|authorisation response code|an|2|IT|
8B|POI information|b|-|T|
8C|CDOL1|dol|-252|C|70 77
8D|CDOL2|dol|-252|C|70 77
8E|CVM list|b|10-252|C|70 77
8F|CA public key index|b|1|C|70 77
90|issuer public key certificate|b|-248|C|70 77
91|issuer authentication data|b|8-16|I|
92|issuer public key remainder|b|-|C|70 77
93|signed static application data|b|-248|C|70 77
94|application file locator|b|-252|C|77
95|terminal verification results|b|5|T|
96|kernel identifier, terminal|b|-|T|
97|TDOL|dol|-252|C|70 77
98|TC hash value|b|20|T|
99|transaction PIN data|b|-|T|
9A|transaction date|n|3|T|
9B|transaction status information|b|2|T|
9C|transaction type|n|1|T|
9D|directory file name|b|5-16|C|61
9F01|acquirer identifier|n|6|T|
9F02|amount, authorised|n|6|T|
9F03|amount, other|n|6|T|
9F04|amount, other (binary)|b|4|T|
9F05|application discretionary data|b|1-32|C|70 77
9F06|application identifier, terminal|b|5-16|T|
9F07|application usage control|b|2|C|70 77
9F08|application version number, card|b|2|C|70 77
9F09|application version number, terminal|b|2|T|
9F0A|application selection registered proprietary data|b|-|C|BF0C 73
9F0B|cardholder name, extended|ans|27-45|C|70 77
9F0C|issuer identification number, extended|n|4|C|BF0C
9F0D|issuer action code, default|b|5|C|70 77
9F0E|issuer action code, denial|b|5|C|70 77
9F0F|issuer action code, online|b|5|C|70 77
9F10|issuer application data|b|-32|C|77
9F11|issuer code table index|n|1|C|A5
9F12|application preferred name|ans|1-16|C|61 A5
9F13|last online ATC register|b|2|C|
9F14|lower consecutive offline limit|b|1|C|70 77
9F15|merchant category code|n|2|T|
9F16|merchant identifier|ans|15|T|
9F17|PIN try counter|b|1|C|
9F18|issuer script identifier|b|4|I|71 72
9F19|token requestor id|n|6|C|
9F1A|terminal country code|n|2|T|
9F1B|terminal floor limit|b|4|T|
9F1C|terminal identification|an|8|T|
9F1D|terminal risk management data|b|1-8|T|
9F1E|interface device serial number|an|8|T|
9F1F|track 1 discretionary data|ans|-|C|70 77
9F20|track 2 discretionary data|cn|-|C|70 77
9F21|transaction time|n|3|T|
9F22|CA public key index, terminal|b|1|T|
9F23|upper consecutive offline limit|b|1|C|70 77
9F24|payment account reference|an|29|C|70 77
9F25|last four digits of PAN|n|2|C|70 77
9F26|application cryptogram|b|8|C|77
9F27|cryptogram information data|b|1|C|77
9F29|extended selection|b|-|C|61
9F2A|kernel identifier|b|1-8|C|61
9F2D|PIN encipherment public key certificate|b|-248|C|70 77
9F2E|PIN encipherment public key exponent|b|1-3|C|70 77
9F2F|PIN encipherment public key remainder|b|-|C|70 77
9F32|issuer public key exponent|b|1-3|C|70 77
9F33|terminal capabilities|b|3|T|
9F34|CVM results|b|3|T|
9F35|terminal type|n|1|T|
9F36|application transaction counter|b|2|C|77
9F37|unpredictable number|b|4|T|
9F38|PDOL|dol|-|C|A5
9F39|POS entry mode|n|1|T|
9F3A|amount, reference currency|b|4|T|
9F3B|application reference currency|n|2-8|C|70 77
9F3C|transaction reference currency code|n|2|T|
9F3D|transaction reference currency exponent|n|1|T|
9F3E|terminal categories supported|b|-|T|
9F3F|SDOL|dol|-|C|A5
9F40|additional terminal capabilities|b|5|T|
9F41|transaction sequence counter|n|2-4|T|
9F42|application currency code|n|2|C|70 77
9F43|application reference currency exponent|n|1-4|C|70 77
9F44|application currency exponent|n|1|C|70 77
9F45|data authentication code|b|2|C|
9F46|ICC public key certificate|b|-248|C|70 77
9F47|ICC public key exponent|b|1-3|C|70 77
9F48|ICC public key remainder|b|-|C|70 77
9F49|DDOL|dol|-252|C|70 77
9F4A|static data authentication tag list|b|-|C|70 77
9F4B|signed dynamic application data|b|-248|C|77
9F4C|ICC dynamic number|b|2-8|C|
9F4D|log entry|b|2|C|BF0C 73
9F4E|merchant name and location|ans|-|T|
9F4F|log format|dol|-|C|
9F50|offline accumulator balance|n|6|C|
9F51|DRDOL|dol|-|C|
9F52|application default action|b|-|C|
9F53|transaction category code|b|-|C|
9F54|cumulative amount limit|b|-|C|
9F5B|issuer script results|b|-|T|
9F5D|available offline spending amount|b|-|C|
9F5E|data storage id|b|-|C|
9F5F|data storage slot availability|b|-|C|
9F60|CVC3, track 1|b|2|C|77
9F61|CVC3, track 2|b|2|C|77
9F62|PCVC3, track 1|b|6|C|70
9F63|PUNATC, track 1|b|6|C|70
9F64|NATC, track 1|b|1|C|70
9F65|PCVC3, track 2|b|2|C|70
9F66|terminal transaction qualifiers|b|4|T|
9F67|NATC, track 2|b|1|C|70
9F68|card additional processes|b|4|C|
9F69|card authentication related data|b|-|C|
9F6A|unpredictable number, numeric|n|4|K|
9F6B|track 2 data|b|-19|C|70
9F6C|card transaction qualifiers|b|2|C|77
9F6D|reader capabilities|b|1-2|K|
9F6E|form factor indicator|b|4-32|CT|
9F6F|data storage slot management|b|1|C|
9F7A|electronic cash terminal indicator|b|1|T|
9F7C|merchant custom data|b|-32|CT|
9F7D|data storage summary 1|b|-|C|
9F7E|mobile support indicator|b|1|K|
9F7F|card production life cycle data|b|-|C|
A5|FCI proprietary template|t|-|C|6F
BF0C|FCI issuer discretionary data|t|-222|C|A5
DF4B|POS cardholder interaction information|b|3|C|
DF810C|kernel id|b|1|K|
DF8115|error indication|b|6|K|
DF8116|user interface request data|b|22|K|
DF8117|card data input capability|b|1|K|
DF8118|CVM capability, CVM required|b|1|K|
DF8119|CVM capability, no CVM required|b|1|K|
DF811A|default UDOL|dol|3|K|
DF811B|kernel configuration|b|1|K|
DF811C|maximum lifetime of a torn transaction log record|b|2|K|
DF811D|maximum number of torn transaction log records|b|1|K|
DF811E|mag-stripe CVM capability, CVM required|b|1|K|
DF811F|security capability|b|1|K|
DF8120|terminal action code, default|b|5|K|
DF8121|terminal action code, denial|b|5|K|
DF8122|terminal action code, online|b|5|K|
DF8123|reader contactless floor limit|n|6|K|
DF8124|reader contactless transaction limit, no on-device CVM|n|6|K|
DF8125|reader contactless transaction limit, on-device CVM|n|6|K|
DF8126|reader CVM required limit|n|6|K|
DF8127|timeout value|b|2|K|
DF8129|outcome parameter set|b|8|K|
DF812C|mag-stripe CVM capability, no CVM required|b|1|K|
DF812D|message hold time|n|3|K|
DF8130|hold time value|b|1|K|
DF8131|phone message table|b|-|K|
DF8132|minimum relay resistance grace period|b|2|K|
DF8133|maximum relay resistance grace period|b|2|K|
DF8134|expected transmission time of the relay command|b|2|K|
DF8135|expected transmission time of the relay response|b|2|K|
DF8136|relay resistance accuracy threshold|b|2|K|
DF8137|relay resistance transmission time mismatch threshold|b|1|K|
FF8105|data record|t|-|K|
FF8106|discretionary data|t|-|K|
"""
