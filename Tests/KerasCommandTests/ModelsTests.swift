import Foundation
import Testing

@Suite struct ModelsTests {
  static let table = """
    model            size  input   parameters  top-1  top-5  cached
    vgg16        553.5 MB    224  138,357,544   71.3   90.1  no
    vgg19        574.7 MB    224  143,667,240   71.3   90.0  no
    resnet50     103.0 MB    224   25,636,712   74.9   92.1  no
    resnet101    179.6 MB    224   44,707,176   76.4   92.8  no
    resnet152    241.7 MB    224   60,419,944   76.6   93.1  no
    resnet50v2   102.5 MB    224   25,613,800   76.0   93.0  no
    resnet101v2  178.7 MB    224   44,675,560   77.2   93.8  no
    resnet152v2  241.5 MB    224   60,380,648   78.0   94.2  no
    mobilenet     17.0 MB    224    4,253,864   70.4   89.5  no

    """

  @Test func isATable() throws {
    #expect(try Workplace().keras("models") == Outcome(output: Self.table))
  }

  @Test func saysWhatIsCached() throws {
    let workplace = try Workplace()
    try workplace.put([1], at: "home/models/mobilenet_1_0_224_tf.h5")
    let want = Self.table.dropLast(3) + "yes\n"
    #expect(try workplace.keras("models") == Outcome(output: String(want)))
  }

  @Test func jsonHasALineForEachModel() throws {
    let outcome = try Workplace().keras("models", "--json")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 9)
    #expect(
      lines.first == """
        {"bytes":553467096,"cached":false,"input":224,"name":"vgg16","parameters":138357544,\
        "preprocessing":"caffe","top1":71.3,"top5":90.1}
        """)
    #expect(outcome.code == 0)
  }
}
