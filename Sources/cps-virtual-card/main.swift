CPSVirtualCard.main()
