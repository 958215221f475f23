"""The words of registration codes: short, plain, hard to mistake for one another."""

from __future__ import annotations

_TEXT = """
acorn adobe agave alder alley almond alpine amber anchor anvil apple apricot april apron arbor arctic
aspen aster attic autumn avocado azure badge bagel bakery balcony bamboo banjo barley barn basil basket
beacon beaver beech beetle bell bench berry birch biscuit bison blanket blossom bluebell bonnet border
bottle boulder bramble branch brass bread breeze brick bridge bronze brook bubble bucket buckle butter
button cabin cactus camel candle canoe canvas canyon caramel caravan carbon cargo carpet carrot castle
cedar cello chalk cherry chestnut chimney cinder cinnamon citron clay clover cobalt cobble cocoa coffee
comet compass copper coral cottage cotton cradle crane crayon creek cricket crystal cumin curtain
cushion cypress daisy dapple dawn delta denim desert diamond dolphin domino dragon drizzle drum dune
eagle earth easel echo elder ember emerald engine falcon feather fennel fern ferry fiddle field finch
flannel flint flora flute forest fossil fountain fox frost galaxy garden garlic garnet gazelle ginger
glacier glade glimmer gopher granite grape gravel grove guitar hammock harbor harvest hazel heather
hedge heron hickory hollow honey horizon hornet husk indigo inlet iris iron island ivory jacket jasmine
jasper jelly jigsaw jungle juniper kayak kelp kernel kettle kiosk kitten lagoon lantern larch laurel
lava lemon lentil lilac lime linen lizard llama locket lotus lumber lupine magnet mango maple marble
marigold marina marsh meadow melon mercury mesa meteor mint mirror mitten mocha monsoon moose mosaic
moss mountain mulberry mustard nectar needle nettle nickel noodle nougat nutmeg oak oasis oatmeal
obsidian ocean olive onyx opal orange orbit orchard orchid otter oyster paddle palette panda papaya
paper parsley pasture peach peanut pearl pebble pecan pepper petal pewter piano pigeon pillow pine
planet plum pocket pollen pond poplar poppy prairie pretzel prism puffin pumpkin puzzle quail quarry
quartz quill quilt rabbit radish raft rain raven reed ribbon ridge river robin rocket rosemary rubber
ruby saddle saffron sage salmon sandal sapphire satin scarlet shadow shell sierra silver slate snow
sorrel sparrow spinach spruce squash starling stone stream summit sunset swallow sycamore tangerine teal
thistle thunder timber topaz trellis tulip tundra turnip umber valley vanilla velvet violet walnut
warbler willow window winter wren yarrow zephyr zinnia
"""
WORDS: tuple[str, ...] = tuple(_TEXT.split())
