extension Layers {
  /// The classes of this folder.
  static let recurrentRows: [Row] = [
    Row("SimpleRNN") { SimpleRNN(units: 0, name: $0) },
    Row("LSTM") { LSTM(units: 0, name: $0) },
    Row("GRU") { GRU(units: 0, name: $0) },
    Row("RNN", RNN.init(_:)),
    Row("SimpleRNNCell") { SimpleRNNCell(units: 0, name: $0) },
    Row("LSTMCell") { LSTMCell(units: 0, name: $0) },
    Row("GRUCell") { GRUCell(units: 0, name: $0) },
    Row("StackedRNNCells", StackedRNNCells.init(_:)),
    Row("ConvLSTM1D") { ConvLSTM1D(filters: 0, kernelSize: 0, name: $0) },
    Row("ConvLSTM2D") { ConvLSTM2D(filters: 0, kernelSize: 0, name: $0) },
    Row("ConvLSTM3D") { ConvLSTM3D(filters: 0, kernelSize: 0, name: $0) },
    // Only in Keras 1 and 2.
    Row("CuDNNLSTM") { LSTM(units: 0, name: $0) },
    Row("CuDNNGRU") { GRU(units: 0, name: $0) },
    Row("ConvRNN2D", RNN.init(_:)),
    Row("ConvLSTM1DCell") { ConvLSTMCell(filters: 0, kernelSize: [0], name: $0) },
    Row("ConvLSTM2DCell") { ConvLSTMCell(filters: 0, kernelSize: [0, 0], name: $0) },
    Row("ConvLSTM3DCell") { ConvLSTMCell(filters: 0, kernelSize: [0, 0, 0], name: $0) },
  ]
}
