extension Layers {
  /// The classes of this folder.
  static let recurrentRows: [Row] = [
    Row("SimpleRNN", SimpleRNN.init(_:)),
    Row("LSTM", LSTM.init(_:)),
    Row("GRU", GRU.init(_:)),
    Row("RNN", RNN.init(_:)),
    Row("SimpleRNNCell", SimpleRNNCell.init(_:)),
    Row("LSTMCell", LSTMCell.init(_:)),
    Row("GRUCell", GRUCell.init(_:)),
    Row("StackedRNNCells", StackedRNNCells.init(_:)),
    Row("ConvLSTM1D", ConvLSTM1D.init(_:)),
    Row("ConvLSTM2D", ConvLSTM2D.init(_:)),
    Row("ConvLSTM3D", ConvLSTM3D.init(_:)),
    // Only in Keras 1 and 2.
    Row("CuDNNLSTM", CuDNNLayers.lstm),
    Row("CuDNNGRU", CuDNNLayers.gru),
    Row("ConvRNN2D", RNN.init(_:)),
    Row("ConvLSTM1DCell") { (settings) throws(KerasError) in
      try ConvLSTMCell(settings, rank: 1, name: settings.name)
    },
    Row("ConvLSTM2DCell") { (settings) throws(KerasError) in
      try ConvLSTMCell(settings, rank: 2, name: settings.name)
    },
    Row("ConvLSTM3DCell") { (settings) throws(KerasError) in
      try ConvLSTMCell(settings, rank: 3, name: settings.name)
    },
  ]
}
