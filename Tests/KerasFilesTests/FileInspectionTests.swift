import Foundation
import KerasCore
import Testing

@testable import KerasFiles

@Suite struct FileInspectionTests {
  @Test func describesWeights() throws {
    #expect(
      try FileInspection(path: fixture("weights.h5")).table == """
        weights.h5: Keras weights (HDF5, by layer), 13,040 bytes
        backend: tensorflow
        keras_version: 2.2.4

        Layer        Weight                      Shape         Type     Bytes
        input_1
        conv1        conv1/kernel:0              (3, 3, 1, 4)  float32    144
                     conv1/bias:0                (4,)          float32     16
        conv1_bn     conv1_bn/gamma:0            (4,)          float32     16
                     conv1_bn/beta:0             (4,)          float32     16
                     conv1_bn/moving_mean:0      (4,)          float32     16
                     conv1_bn/moving_variance:0  (4,)          float32     16
        predictions  predictions/kernel:0        (4, 10)       float32    160
                     predictions/bias:0          (10,)         float32     40

        4 layers, 8 weights, 106 parameters, 424 bytes
        """)
  }

  @Test func describesAModel() throws {
    let facts = try FileInspection(path: fixture("model.h5"))
    #expect(
      facts.table == """
        model.h5: Keras model (HDF5), 16,272 bytes
        model_config: {"class_name": "Sequential", "config": {"padding": "xxxxxxxx… (1655 bytes)
        training_config: {"loss": "mse"}
        keras_version: 2.15.0
        backend: tensorflow

        Layer  Weight          Shape         Type     Bytes
        conv1  conv1/kernel:0  (3, 3, 1, 4)  float32    144
               conv1/bias:0    (4,)          float32     16

        1 layer, 2 weights, 40 parameters, 160 bytes

        Beside the layers' weights:
        optimizer_weights/Adam/m/conv1/bias:0  (4,)  float32  16
        optimizer_weights/iteration:0          ()    int64     8
        """)
  }

  @Test func describesOtherFiles() throws {
    let facts = try FileInspection(path: fixture("elsewhere.h5"))
    #expect(facts.kind == .hdf5)
    #expect(facts.layers.map(\.name) == ["/"])
    #expect(facts.layers[0].weights.map(\.name) == ["external", "source", "virtual"])
    #expect(try FileInspection(path: fixture("chunked.h5")).weightCount == 7)
  }

  @Test func encodesWithStableKeys() throws {
    let facts = try FileInspection(path: fixture("keras1.h5"))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let json = String(decoding: try encoder.encode(facts), as: UTF8.self)
    #expect(
      json == """
        {"attributes":[],"bytes":5800,"file":"keras1.h5","kind":"legacy_weights","layers":[{"name":"block1_conv1",\
        "weights":[{"bytes":72,"name":"block1_conv1_W_1:0","shape":[3,3,1,2],"type":"float32"},\
        {"bytes":8,"name":"block1_conv1_b_1:0","shape":[2],"type":"float32"}]},\
        {"name":"block1_pool","weights":[]}],"other_arrays":[],"parameter_count":20,"weight_bytes":80,"weight_count":2}
        """)
    #expect(try JSONDecoder().decode(FileInspection.self, from: Data(json.utf8)) == facts)
  }
}
