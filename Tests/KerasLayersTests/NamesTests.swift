import KerasModels
import Testing

@Suite struct NamesTests {
  /// From `keras.src.utils.naming.to_snake_case`.
  @Test(arguments: [
    ("Conv2D", "conv2d"), ("Conv2DTranspose", "conv2d_transpose"), ("ReLU", "re_lu"), ("ELU", "elu"),
    ("PReLU", "p_re_lu"), ("LeakyReLU", "leaky_re_lu"), ("GRUCell", "gru_cell"), ("LSTM", "lstm"),
    ("GlobalAveragePooling2D", "global_average_pooling2d"), ("ConvLSTM2D", "conv_lstm2d"),
    ("SimpleRNN", "simple_rnn"), ("StackedRNNCells", "stacked_rnn_cells"), ("RNN", "rnn"),
    ("TimeDistributed", "time_distributed"), ("MaxPooling3D", "max_pooling3d"), ("InputLayer", "input_layer"),
    ("ZeroPadding2D", "zero_padding2d"), ("DepthwiseConv2D", "depthwise_conv2d"), ("A", "a"), ("AB", "ab"),
    ("BatchNormalization", "batch_normalization"), ("MyLayer2ABC", "my_layer2abc"), ("Layer1Ab", "layer1_ab"),
    ("ABCDef", "abc_def"), ("Ab2D", "ab2d"), ("_Hidden", "__hidden"), ("My_Layer", "my__layer"),
    ("X1Y2", "x1y2"), ("Block3x3Conv", "block3x3_conv"), ("EinsumDense", "einsum_dense"),
    ("Foo<Int>", "foo_int"), ("TFSMLayer", "tfsm_layer"), ("", ""),
  ])
  func snakeCaseIsKeras(_ className: String, _ expected: String) {
    #expect(snakeCase(className) == expected)
  }

  @Test func countersRunByClass() {
    Session.withFresh {
      #expect(Conv2D(filters: 1, kernelSize: 1).name == "conv2d")
      #expect(Dense(units: 1).name == "dense")
      #expect(Conv2D(filters: 1, kernelSize: 1).name == "conv2d_1")
      #expect(Dense(units: 1, name: "dense_1").name == "dense_1")
      // As in Keras, a name given does not count.
      #expect(Dense(units: 1).name == "dense_1")
      #expect(Input(shape: [1]).error == nil)
      #expect(InputLayer(batchShape: [nil, 1]).name == "input_layer_1")
    }
  }

  @Test func ownClassesAreNamedAfterThemselves() {
    final class MyScale2D: Layer, @unchecked Sendable {}
    Session.withFresh {
      #expect(MyScale2D().name == "my_scale2d")
      #expect(MyScale2D().className == "MyScale2D")
    }
  }

  @Test func freshSessionsAreApart() {
    Session.withFresh {
      _ = Dense(units: 1)
      Session.withFresh { #expect(Dense(units: 1).name == "dense") }
      #expect(Dense(units: 1).name == "dense_1")
      Session.current.clear()
      #expect(Dense(units: 1).name == "dense")
    }
  }

  @Test func aSeedDecidesInitialWeights() throws {
    func values(_ seed: UInt64) throws -> [Float] {
      try Session.withFresh(seed: seed) { () throws in
        let dense = Dense(units: 3)
        _ = dense(Input(shape: [4]))
        return dense.weights[0].value.scalars()
      }
    }
    #expect(try values(1) == values(1))
    #expect(try values(1) != values(2))
    // Glorot's limit for 4 inputs and 3 outputs.
    #expect(try values(1).allSatisfy { abs($0) <= Float((6.0 / 7).squareRoot()) })
  }
}
