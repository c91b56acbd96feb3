import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * The trivial job on Kafka Streams, at least once: a RocksDB store with its changelog and its record cache.
 *
 * The cache drops intermediate values of the changelog only. Hits are forwarded by the processor itself, so each
 * tenth count comes out, whatever the cache holds.
 */
public final class TrivialJob {
    private static final String COUNTS = "counts";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What is decoded of each record. */
    record Passage(String id, String plate, String country, String station, int speed) {}

    /** What is published at each tenth count. */
    record Hit(String plate, long count) {}

    /** Counts passages by plate. */
    static final class Counter implements Processor<String, byte[], String, byte[]> {
        private static final ObjectReader READER = JSON.readerFor(Passage.class);
        private static final ObjectWriter WRITER = JSON.writerFor(Hit.class);
        private ProcessorContext<String, byte[]> context;
        private KeyValueStore<String, Long> counts;

        @Override
        public void init(ProcessorContext<String, byte[]> given) {
            context = given;
            counts = given.getStateStore(COUNTS);
        }

        @Override
        public void process(Record<String, byte[]> message) {
            try {
                Passage passage = READER.readValue(message.value());
                Long counted = counts.get(passage.plate());
                long count = counted == null ? 1 : counted + 1;
                counts.put(passage.plate(), count);
                if (count % 10 == 0) {
                    byte[] hit = WRITER.writeValueAsBytes(new Hit(passage.plate(), count));
                    context.forward(message.withKey(passage.plate()).withValue(hit));
                }
            } catch (IOException error) {
                throw new UncheckedIOException(error);
            }
        }
    }

    private static Map<String, String> readCommandLine(String[] words) {
        Map<String, String> line = new HashMap<>();
        for (int at = 0; at < words.length; at += 2) {
            line.put(words[at], words[at + 1]);
        }
        return line;
    }

    private static Topology topology(String input, String output) {
        var strings = Serdes.String();
        var bytes = Serdes.ByteArray();
        var counts = Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(COUNTS), strings, Serdes.Long())
                .withCachingEnabled();
        return new Topology()
                .addSource("passages", strings.deserializer(), bytes.deserializer(), input)
                .addProcessor("count", Counter::new, "passages")
                .addStateStore(counts, "count")
                .addSink("hits", output, strings.serializer(), bytes.serializer(), "count");
    }

    public static void main(String[] words) {
        Map<String, String> line = readCommandLine(words);
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, line.get("--group"));
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, line.get("--bootstrap"));
        settings.put(StreamsConfig.STATE_DIR_CONFIG, line.get("--data-dir"));
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1); // it has one core
        settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 5_000);

        KafkaStreams streams = new KafkaStreams(topology(line.get("--input"), line.get("--output")), settings);
        streams.setUncaughtExceptionHandler(error -> {
            error.printStackTrace();
            Runtime.getRuntime().halt(1);
            return null;
        });
        Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(Duration.ofSeconds(30))));
        streams.start();
    }
}
